/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl crl estimate: how long lists of revocations get, by place, and what it takes to write
 * them on this computer. Where people live is drawn from the fictional nation (nation/nation.h).
 */
#include "programs/jpkictl/commands.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/share.h"
#include "nation/nation.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "programs/progress.h"
#include "revocation/crl_write.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SAMPLE = 300000,       /* people that are asked where they live */
    WRITTEN_MAX = 1000000, /* entries that are written to see how long it takes */
    CODES = 100000,        /* municipalities have five digits, */
    PREFECTURE = 1000,     /* the first two of which are the prefecture's */
    HEAD_BYTES = 800,      /* of a list around its entries, signature included */
    SEED = 1,
};

struct options {
    int64_t certificates, revocations, years;
    bool json;
};

static const struct cli_option rows[] = {
    {'c', "certificates", CLI_INT, offsetof(struct options, certificates), "N",
     N_("certificates of one CA in force")},
    {'r', "yearly-revocations", CLI_INT, offsetof(struct options, revocations), "N",
     N_("how many of them are revoked a year")},
    {'y', "years", CLI_INT, offsetof(struct options, years), "N",
     N_("how long a certificate lasts; 5 if not given")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};
static const struct options defaults = {.years = 5};

enum { CERTIFICATES_MAX = 1000000000, YEARS_MAX = 10 };

struct list_size {
    uint64_t entries, bytes;
};

/* The lists of one division of the country. */
struct division {
    const char *name;
    size_t lists;
    struct list_size largest, median, smallest;
};

enum { BY_MUNICIPALITY, BY_PREFECTURE, DIVISIONS_ };

struct estimate {
    struct list_size full;
    double entry_bytes, seconds;
    struct division divisions[DIVISIONS_];
};

/* Revocations that nobody made: evenly over all serial numbers there are. */
struct spread {
    uint64_t count, next, highest;
};

static int spread_rewind(void *context, struct err *err)
{
    (void)err;
    ((struct spread *)context)->next = 0;
    return 0;
}

static int spread_next(void *context, struct revocation *ret, struct err *err)
{
    struct spread *spread = context;
    uint64_t i = spread->next++;

    if (i == spread->count)
        return FAIL(err, ERR_ABSENT, "no more");
    *ret = (struct revocation){(uint32_t)(spread->highest * (i + 1) / spread->count),
                               NATION_EPOCH - (int64_t)(i % 1000000),
                               (enum crl_reason)(1 + i % (CRL_REASONS_ - 1))};
    return 0;
}

static int put_hashed(void *context, struct bytes piece, struct err *err)
{
    return digest_add(context, piece, err);
}

/* Write some of the entries, to see how large they are and how long it takes. */
static int try_out(struct spread *spread, struct estimate *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    const struct revocation_source source = {spread, spread_rewind, spread_next};
    const struct crl_head head = {.issuer = BYTES_LITERAL("\x30\x00"),
                                  .authority_key_id = BYTES_LITERAL("k"),
                                  .number = 1,
                                  .this_update = NATION_EPOCH,
                                  .next_update = NATION_EPOCH};
    struct crl_sink sink = {NULL, put_hashed};
    int64_t started;
    size_t size;

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    sink.context = stream;
    started = monotonic_us();
    TRY(crl_write_tbs(&head, &source, &sink, &size, err));
    ret->entry_bytes = (double)size / (double)spread->count;
    ret->seconds = (double)(monotonic_us() - started) / 1e6 / (double)spread->count *
                   (double)ret->full.entries;
    return 0;
}

static struct list_size size_of(const struct estimate *estimate, uint64_t people)
{
    uint64_t entries = estimate->full.entries * people / SAMPLE;

    return (struct list_size){entries,
                              (uint64_t)((double)entries * estimate->entry_bytes) + HEAD_BYTES};
}

static int compare_counts(const void *a, const void *b)
{
    const uint32_t *left = a;
    const uint32_t *right = b;

    return (*left > *right) - (*left < *right);
}

/* The lists of a division from the counts of the sample; places nobody was drawn from are none. */
static void divide(struct estimate *estimate, struct division *ret, uint32_t *counts, size_t count)
{
    size_t empty = 0;

    qsort(counts, count, sizeof counts[0], compare_counts);
    while (empty < count && counts[empty] == 0)
        empty++;
    ret->lists = count - empty;
    if (ret->lists == 0)
        return;
    ret->smallest = size_of(estimate, counts[empty]);
    ret->median = size_of(estimate, counts[empty + ret->lists / 2]);
    ret->largest = size_of(estimate, counts[count - 1]);
}

static uint32_t code_of(const struct municipality *municipality)
{
    return (uint32_t)strtoul(municipality->code, NULL, 10) % CODES;
}

/* How many of the sample live where. */
static int draw(uint32_t *counts, struct err *err)
{
    CLEANUP(municipalities_freep) struct municipalities *places = NULL;
    CLEANUP(nation_freep) struct nation *nation = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct nation_options wanted = {.seed = SEED, .people = SAMPLE, .until = NATION_EPOCH};
    struct progress progress;

    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &places, err));
    TRY(nation_new(places, &wanted, &nation, err));
    progress = progress_start(tr("people"), SAMPLE);
    for (uint64_t i = 0; i < SAMPLE; i++) {
        struct nation_person person;

        nation_person(nation, i, &person);
        counts[code_of(person.municipality)]++;
        progress_at(&progress, i);
    }
    progress_end(&progress);
    return 0;
}

static int divide_country(struct estimate *estimate, struct err *err)
{
    uint32_t *counts = calloc(CODES, sizeof *counts);
    uint32_t prefectures[CODES / PREFECTURE] = {0};
    int rc;

    if (counts == NULL)
        return FAIL_NOMEM(err);
    rc = draw(counts, err);
    for (size_t code = 0; code < CODES; code++)
        prefectures[code / PREFECTURE] += counts[code];
    divide(estimate, &estimate->divisions[BY_MUNICIPALITY], counts, CODES);
    divide(estimate, &estimate->divisions[BY_PREFECTURE], prefectures, CODES / PREFECTURE);
    free(counts);
    return rc;
}

static int make_estimate(const struct options *options, struct estimate *ret, struct err *err)
{
    /* An entry stays until its certificate is over: half of its life, on average. */
    uint64_t entries = (uint64_t)options->revocations * (uint64_t)options->years / 2;
    struct spread spread = {.count = entries < WRITTEN_MAX ? entries : WRITTEN_MAX,
                            .highest = (uint64_t)options->certificates + entries};

    if (options->certificates < 1 || options->certificates > CERTIFICATES_MAX ||
        options->revocations < 1 || options->revocations > options->certificates ||
        options->years < 1 || options->years > YEARS_MAX)
        return FAIL(err, ERR_USAGE,
                    "--certificates is 1 to %d, --yearly-revocations at most that, --years 1 to %d",
                    CERTIFICATES_MAX, YEARS_MAX);
    if (entries == 0)
        entries = spread.count = 1;
    if (spread.highest < spread.count)
        spread.highest = spread.count;
    ret->full.entries = entries;
    TRY(try_out(&spread, ret, err));
    ret->full.bytes = (uint64_t)((double)entries * ret->entry_bytes) + HEAD_BYTES;
    return divide_country(ret, err);
}

static int put_size(struct json *object, const char *key, const struct list_size *size,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_int(one, "entries", (int64_t)size->entries, err));
    TRY(json_put_int(one, "bytes", (int64_t)size->bytes, err));
    return json_put(object, key, json_steal(&one), err);
}

static int put_division(struct json *object, const struct division *division, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_int(one, "lists", (int64_t)division->lists, err));
    TRY(put_size(one, "largest", &division->largest, err));
    TRY(put_size(one, "median", &division->median, err));
    TRY(put_size(one, "smallest", &division->smallest, err));
    return json_put(object, division->name, json_steal(&one), err);
}

static int print_json(const struct estimate *estimate, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_size(object, "full", &estimate->full, err));
    TRY(json_put_real(object, "entry_bytes", estimate->entry_bytes, err));
    TRY(json_put_real(object, "write_seconds", estimate->seconds, err));
    for (size_t i = 0; i < DIVISIONS_; i++)
        TRY(put_division(object, &estimate->divisions[i], err));
    return output_json(object, err);
}

static void print_size(const char *label, const struct list_size *size)
{
    printf(tr("  %s: %llu revoked, %llu kB\n"), label, (unsigned long long)size->entries,
           (unsigned long long)(size->bytes + 999) / 1000);
}

static void print_text(const struct estimate *estimate)
{
    static const char *const headings[DIVISIONS_] = {
        [BY_MUNICIPALITY] = N_("by municipality"),
        [BY_PREFECTURE] = N_("by prefecture"),
    };

    print_size(tr("everything"), &estimate->full);
    printf(tr("  written in %.2f s, without the signature, %.1f bytes each\n"), estimate->seconds,
           estimate->entry_bytes);
    for (size_t i = 0; i < DIVISIONS_; i++) {
        const struct division *division = &estimate->divisions[i];

        printf(tr("%s, %zu lists\n"), tr(headings[i]), division->lists);
        print_size(tr("largest"), &division->largest);
        print_size(tr("median"), &division->median);
        print_size(tr("smallest"), &division->smallest);
    }
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct options *options = parsed;
    struct estimate estimate = {.divisions = {[BY_MUNICIPALITY] = {.name = "municipalities"},
                                              [BY_PREFECTURE] = {.name = "prefectures"}}};
    struct err err = {0};

    (void)argc;
    (void)argv;
    if (make_estimate(options, &estimate, &err) < 0 ||
        (options->json && print_json(&estimate, &err) < 0))
        return fail(&err);
    if (!options->json)
        print_text(&estimate);
    return EXIT_CODE_DONE;
}

const struct cli_command command_crl_estimate = {
    .path = "crl estimate",
    .arguments = "",
    .description = N_(
        "estimate how long lists of revocations get, and how long writing them takes"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
