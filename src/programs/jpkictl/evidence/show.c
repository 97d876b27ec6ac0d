/* SPDX-License-Identifier: Apache-2.0 */
/* The same in text and in JSON. */
#include "programs/jpkictl/evidence/evidence.h"

#include "base/caltime.h"
#include "base/cli.h"
#include "base/i18n.h"

#include <stdio.h>

static void print_criterion(const struct evidence *evidence, enum criterion criterion)
{
    printf("%d. %s (%s): %s\n   %s\n", (int)criterion + 1, tr(criteria[criterion].title),
           criteria[criterion].source, tr(finding_titles[evidence_of(evidence, criterion)]),
           tr(criteria[criterion].asks));
    for (size_t i = 0; i < evidence->count; i++) {
        const struct observation *one = &evidence->observations[i];

        if (one->criterion == criterion)
            printf("   - %s: %s: %s\n", tr(one->looked_at), tr(finding_titles[one->finding]),
                   one->found);
    }
    printf(tr("   to be supplied: %s\n"), tr(criteria[criterion].supply));
}

static int print_stored(const struct json *facts, struct err *err)
{
    const struct json *tables;
    char when[CALTIME_TEXT_SIZE];
    int64_t oldest;

    TRY(json_get_array(facts, "tables", &tables, err));
    TRY(json_get_int(facts, "oldest_verification", &oldest, err));
    caltime_format(oldest, JST_OFFSET_SECONDS, when);
    printf(tr("the oldest verification that is kept: %s\n"), oldest == 0 ? "-" : when);
    printf("%s\n", tr("What it has stored (table, rows):"));
    for (size_t i = 0; i < json_count(tables); i++) {
        const char *name;
        int64_t rows;

        TRY(json_get_text(json_at(tables, i), "name", &name, err));
        TRY(json_get_int(json_at(tables, i), "rows", &rows, err));
        printf("  %-24s %lld\n", name, (long long)rows);
    }
    return 0;
}

int evidence_print(const struct gathered *gathered, const struct evidence *evidence,
                   struct err *err)
{
    char when[CALTIME_TEXT_SIZE];
    const char *version;
    const char *origin;

    TRY(json_get_text(gathered->facts, "version", &version, err));
    TRY(json_get_text(gathered->facts, "origin", &origin, err));
    caltime_format(gathered->at, JST_OFFSET_SECONDS, when);
    printf(tr("Evidence for the certification of %s, at %s\njpki-platformd %s, jpkictl %s\n\n"),
           origin, when, version, cli_version());
    for (enum criterion i = 0; i < CRITERIA_; i++)
        print_criterion(evidence, i);
    printf("\n");
    for (const struct evidence_number *row = evidence_numbers; row->key != NULL; row++) {
        int64_t number;

        TRY(json_get_int(gathered->facts, row->key, &number, err));
        printf("%s: %lld\n", tr(row->title), (long long)number);
    }
    return print_stored(gathered->facts, err);
}

/* ---- JSON ---- */

static int put_observations(const struct evidence *evidence, enum criterion criterion, int64_t at,
                            struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < evidence->count; i++) {
        const struct observation *one = &evidence->observations[i];
        CLEANUP(json_freep) struct json *object = NULL;

        if (one->criterion != criterion)
            continue;
        object = json_object_new();
        TRY(json_put_text(object, "looked_at", tr(one->looked_at), err));
        TRY(json_put_text(object, "finding", finding_words[one->finding], err));
        TRY(json_put_text(object, "found", one->found, err));
        TRY(json_put_int(object, "at", at, err));
        TRY(json_add(list, json_steal(&object), err));
    }
    return json_put(body, "observations", json_steal(&list), err);
}

static int put_criterion(const struct gathered *gathered, const struct evidence *evidence,
                         enum criterion criterion, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_int(object, "number", (int64_t)criterion + 1, err));
    TRY(json_put_text(object, "source", criteria[criterion].source, err));
    TRY(json_put_text(object, "title", tr(criteria[criterion].title), err));
    TRY(json_put_text(object, "finding", finding_words[evidence_of(evidence, criterion)], err));
    TRY(json_put_text(object, "supply", tr(criteria[criterion].supply), err));
    TRY(put_observations(evidence, criterion, gathered->at, object, err));
    return json_add(list, json_steal(&object), err);
}

int evidence_put(const struct gathered *gathered, const struct evidence *evidence,
                 struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(json_freep) struct json *facts = NULL;

    for (enum criterion i = 0; i < CRITERIA_; i++)
        TRY(put_criterion(gathered, evidence, i, list, err));
    TRY(json_put_int(body, "at", gathered->at, err));
    TRY(json_put_text(body, "version", cli_version(), err));
    TRY(json_put(body, "criteria", json_steal(&list), err));
    TRY(json_duplicate(gathered->facts, &facts, err));
    return json_put(body, "platform", json_steal(&facts), err);
}
