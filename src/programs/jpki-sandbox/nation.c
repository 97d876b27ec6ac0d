/* SPDX-License-Identifier: Apache-2.0 */
/* A fictional nation, a person a line; nothing of it is kept. */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "base/share.h"
#include "nation/nation.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "programs/progress.h"

#include <stdio.h>
#include <string.h>

struct options {
    int64_t people, seed, from, count;
    const char *until, *municipality;
    bool personas;
};

static const struct cli_option options[] = {
    {'n', "people", CLI_INT, offsetof(struct options, people), "N",
     N_("how many people there are")},
    {'s', "seed", CLI_INT, offsetof(struct options, seed), "S",
     N_("another seed makes other people")},
    {0, "from", CLI_INT, offsetof(struct options, from), "I",
     N_("begin with this person, counted from 0")},
    {0, "count", CLI_INT, offsetof(struct options, count), "N",
     N_("print as many people; 0 is all of them")},
    {0, "until", CLI_TEXT, offsetof(struct options, until), N_("DATE"),
     N_("nothing happens from this day on")},
    {'m', "municipality", CLI_TEXT, offsetof(struct options, municipality), N_("CODE"),
     N_("only people of this municipality, five digits")},
    {0, "personas", CLI_FLAG, offsetof(struct options, personas), NULL,
     N_("as personas, for 'jpki-sandbox persona add'")},
    CLI_OPTIONS_END,
};

static const char *const cert_names[NATION_CERT_KINDS_] = {
    [NATION_SIGN] = "sign",
    [NATION_AUTH] = "auth",
};

static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caltime_format(at, JST_OFFSET_SECONDS, text);
    return json_put_text(object, key, text, err);
}

static int put_certs(const struct nation *nation, uint64_t index, struct json *person,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned kind = 0; kind < NATION_CERT_KINDS_; kind++) {
        CLEANUP(json_freep) struct json *entry = NULL;
        struct nation_cert cert;

        if (!nation_cert(nation, index, (enum nation_cert_kind)kind, &cert))
            continue;
        entry = json_object_new();
        TRY(json_put_text(entry, "kind", cert_names[kind], err));
        TRY(put_time(entry, "not_before", cert.not_before, err));
        TRY(put_time(entry, "not_after", cert.not_after, err));
        if (cert.revoked_at != 0) {
            TRY(put_time(entry, "revoked_at", cert.revoked_at, err));
            TRY(json_put_text(entry, "reason", crl_reason_name(cert.reason), err));
        }
        TRY(json_add(list, json_steal(&entry), err));
    }
    return json_put(person, "certificates", json_steal(&list), err);
}

static int put_events(const struct nation *nation, uint64_t index, struct json *person,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct nation_event events[NATION_EVENTS_MAX];
    size_t count = nation_events(nation, index, events);

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(json_put_text(entry, "event", nation_event_name(events[i].kind), err));
        TRY(put_time(entry, "at", events[i].at, err));
        TRY(json_add(list, json_steal(&entry), err));
    }
    return json_put(person, "events", json_steal(&list), err);
}

/* Somebody who can get a card, log in and be asked about; the seed of what bodies hold of him is
 * the one of 'jpki-portald registers fill'. */
static int print_persona(const struct nation_person *person, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *pins = json_object_new();
    char birth[CALTIME_TEXT_SIZE], name[32];

    caldate_format_iso(person->birth, birth);
    (void)snprintf(name, sizeof name, "nation-%llu", (unsigned long long)person->index);
    TRY(json_put_text(pins, "auth", "1234", err));
    TRY(json_put_text(pins, "sign", "ABC123", err));
    TRY(json_put_text(object, "name", name, err));
    TRY(json_put_text(object, "note", "of a fictional nation", err));
    TRY(json_put_text(object, "mynumber", person->number, err));
    TRY(json_put_text(object, "full_name", person->name, err));
    TRY(json_put_text(object, "address", person->address, err));
    TRY(json_put_text(object, "birth_date", birth, err));
    TRY(json_put_text(object, "sex", person->is_female ? "female" : "male", err));
    TRY(json_put_text(object, "municipality", person->municipality->code, err));
    TRY(json_put(object, "pins", json_steal(&pins), err));
    return output_json(object, err);
}

static int print_person(const struct nation *nation, uint64_t index, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char birth[CALTIME_TEXT_SIZE];
    struct nation_person person;

    nation_person(nation, index, &person);
    caldate_format_iso(person.birth, birth);
    TRY(json_put_int(object, "person", (int64_t)index, err));
    TRY(json_put_text(object, "full_name", person.name, err));
    TRY(json_put_text(object, "kana", person.kana, err));
    TRY(json_put_text(object, "birth_date", birth, err));
    TRY(json_put_text(object, "sex", person.is_female ? "female" : "male", err));
    TRY(json_put_text(object, "municipality", person.municipality->code, err));
    TRY(json_put_text(object, "address", person.address, err));
    TRY(json_put_text(object, "mynumber", person.number, err));
    TRY(json_put_text(object, "resident_code", person.code, err));
    TRY(json_put_text(object, "card", person.card, err));
    TRY(put_time(object, "card_issued_at", person.card_issued_at, err));
    TRY(put_certs(nation, index, object, err));
    TRY(put_events(nation, index, object, err));
    return output_json(object, err);
}

static int read_until(const char *text, int64_t *ret, struct err *err)
{
    struct caltime midnight = {{0, 0, 0}, 0, 0, 0};

    if (text == NULL)
        return 0;
    TRY(err_prefix(err, caldate_parse_iso(text, &midnight.date, err), "--until"));
    *ret = caltime_utc(midnight, JST_OFFSET_SECONDS);
    return 0;
}

/* Those who are wanted, until there are so many; 0: all of them. */
static int print_people(const struct nation *nation, const struct options *wanted, struct err *err)
{
    const int64_t reach = wanted->municipality == NULL && wanted->count != 0
                              ? wanted->from + wanted->count
                              : wanted->people;
    struct progress progress = progress_start(tr("people"), (uint64_t)(reach - wanted->from));
    int64_t printed = 0;
    int rc = 0;

    for (int64_t i = wanted->from; rc == 0 && i < reach; i++) {
        struct nation_person person;

        nation_person(nation, (uint64_t)i, &person);
        progress_at(&progress, (uint64_t)(i - wanted->from));
        if (wanted->municipality != NULL &&
            strcmp(person.municipality->code, wanted->municipality) != 0)
            continue;
        rc = wanted->personas ? print_persona(&person, err)
                              : print_person(nation, (uint64_t)i, err);
        if (++printed == wanted->count)
            break;
    }
    progress_end(&progress);
    return rc;
}

static int print_nation(const struct options *parsed, struct err *err)
{
    CLEANUP(municipalities_freep) struct municipalities *places = NULL;
    CLEANUP(nation_freep) struct nation *nation = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct municipality *place;
    struct nation_options wanted = {
        .seed = (uint64_t)parsed->seed, .people = (uint64_t)parsed->people, .until = NATION_EPOCH};
    int64_t end = parsed->count == 0 ? parsed->people : parsed->from + parsed->count;

    if (parsed->people == 0)
        return FAIL(err, ERR_USAGE, "--people N is missing");
    if (end > parsed->people || parsed->from >= end)
        return FAIL(err, ERR_USAGE, "--from and --count reach beyond the people there are");
    TRY(read_until(parsed->until, &wanted.until, err));
    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &places, err));
    if (parsed->municipality != NULL)
        TRY(municipality_find(places, parsed->municipality, &place, err));
    TRY(nation_new(places, &wanted, &nation, err));
    return print_people(nation, parsed, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return print_nation(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_nation = {
    .path = "nation",
    .arguments = "",
    .description = N_("print a fictional nation, a person a line, as JSON"),
    .options = options,
    .size = sizeof(struct options),
    .run = run,
};
