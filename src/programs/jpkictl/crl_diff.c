/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl crl diff: what a newer list of revocations has more, less, and otherwise. Serial numbers
 * that follow one another are told as a range, because what changes is often many in a row.
 */
#include "programs/jpkictl/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/crl_view.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    int64_t limit;
    bool json;
};

static const struct cli_option rows[] = {
    {'n', "limit", CLI_INT, offsetof(struct options, limit), "N",
     N_("how many ranges to print of each kind; 100 if not given")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};
static const struct options defaults = {.limit = 100};

enum change { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED, CHANGES_ };

static const char *const names[CHANGES_] = {"added", "removed", "changed"};

/* Ranges of one kind; the last of them may grow. */
struct ranges {
    size_t serials, count;
    uint32_t first, last;
    struct json *list; /* the first ones, as texts: "5", "7-9" */
};

struct diff {
    struct ranges ranges[CHANGES_];
    size_t limit;
};

static void diff_done(struct diff *diff)
{
    for (unsigned kind = 0; kind < CHANGES_; kind++)
        json_free(diff->ranges[kind].list);
}

static int close_range(const struct diff *diff, struct ranges *ranges, struct err *err)
{
    char text[32];

    if (ranges->serials == 0 || ranges->count++ >= diff->limit)
        return 0;
    (void)snprintf(text, sizeof text, ranges->first == ranges->last ? "%lu" : "%lu-%lu",
                   (unsigned long)ranges->first, (unsigned long)ranges->last);
    return json_add_text(ranges->list, text, err);
}

static int note(void *context, const struct crl_change *change, struct err *err)
{
    struct diff *diff = context;
    enum change kind = change->before == NULL  ? CHANGE_ADDED
                       : change->after == NULL ? CHANGE_REMOVED
                                               : CHANGE_CHANGED;
    uint32_t serial = change->before == NULL ? change->after->serial : change->before->serial;
    struct ranges *ranges = &diff->ranges[kind];

    if (ranges->serials == 0 || ranges->last + 1 != serial) {
        TRY(close_range(diff, ranges, err));
        ranges->first = serial;
    }
    ranges->last = serial;
    ranges->serials++;
    return 0;
}

static int compare(const struct crl_source *before, const struct crl_source *after,
                   struct diff *diff, struct err *err)
{
    for (unsigned kind = 0; kind < CHANGES_; kind++)
        diff->ranges[kind].list = json_array_new();
    TRY(crl_compare(&before->crl, &after->crl, note, diff, NULL, err));
    for (unsigned kind = 0; kind < CHANGES_; kind++)
        TRY(close_range(diff, &diff->ranges[kind], err));
    return 0;
}

static int print_json(struct diff *diff, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    for (unsigned kind = 0; kind < CHANGES_; kind++) {
        CLEANUP(json_freep) struct json *one = json_object_new();
        struct ranges *ranges = &diff->ranges[kind];

        TRY(json_put_int(one, "count", (int64_t)ranges->serials, err));
        TRY(json_put_int(one, "ranges", (int64_t)ranges->count, err));
        TRY(json_put(one, "serials", json_steal(&ranges->list), err));
        TRY(json_put(object, names[kind], json_steal(&one), err));
    }
    return output_json(object, err);
}

static void print_text(const struct diff *diff)
{
    static const char signs[CHANGES_] = {'+', '-', '*'};

    for (unsigned kind = 0; kind < CHANGES_; kind++) {
        const struct ranges *ranges = &diff->ranges[kind];

        for (size_t i = 0; i < json_count(ranges->list); i++)
            printf("%c %s\n", signs[kind], json_text(json_at(ranges->list, i)));
        if (ranges->count > diff->limit)
            printf(tr("%c and %zu more ranges\n"), signs[kind], ranges->count - diff->limit);
    }
    printf(tr("%zu added, %zu removed, %zu changed\n"), diff->ranges[CHANGE_ADDED].serials,
           diff->ranges[CHANGE_REMOVED].serials, diff->ranges[CHANGE_CHANGED].serials);
}

static int show(const struct options *options, char *const files[], struct err *err)
{
    CLEANUP(crl_source_done) struct crl_source before = CRL_SOURCE_INIT;
    CLEANUP(crl_source_done) struct crl_source after = CRL_SOURCE_INIT;
    CLEANUP(diff_done) struct diff diff = {.limit = (size_t)options->limit};

    TRY(crl_source_open(files[0], NULL, &before, err));
    TRY(crl_source_open(files[1], NULL, &after, err));
    if (!bytes_equal(before.crl.distribution_point, after.crl.distribution_point) ||
        !bytes_equal(before.crl.authority_key_id, after.crl.authority_key_id))
        return FAIL(err, ERR_INPUT, "these are lists of different places or CAs");
    crl_source_read_through(&before);
    crl_source_read_through(&after);
    TRY(compare(&before, &after, &diff, err));
    if (options->json)
        return print_json(&diff, err);
    print_text(&diff);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return show(parsed, argv, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_crl_diff = {
    .path = "crl diff",
    .arguments = N_("OLD NEW"),
    .description = N_("show which revocations were added, removed and changed"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
    .defaults = &defaults,
};
