/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl fees: what verifiers owe for a month (pki.md 6). */
#include "base/caltime.h"
#include "base/clock.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    struct authority_options authority;
    const char *month, *verifier;
    bool platform;
};

static const struct cli_option rows[] = {
    {'m', "month", CLI_TEXT, offsetof(struct options, month), N_("YYYY-MM"),
     N_("the month in Japan; this one if not given")},
    {0, "verifier", CLI_TEXT, offsetof(struct options, verifier), N_("NAME"),
     N_("of this verifier only")},
    {0, "platform", CLI_FLAG, offsetof(struct options, platform), NULL,
     N_("--socket is a platform's: how the bill is split among its tenants")},
    AUTHORITY_OPTIONS(struct options, authority),
    CLI_OPTIONS_END,
};

static int print_line(const struct json *line, struct err *err)
{
    const char *item;
    int64_t count;
    int64_t each;
    int64_t yen;

    TRY(json_get_text(line, "item", &item, err));
    TRY(json_get_int(line, "count", &count, err));
    TRY(json_get_int(line, "yen_each", &each, err));
    TRY(json_get_int(line, "yen", &yen, err));
    printf(tr("  %-12s  %10lld at %3lld yen  %12lld yen\n"), item, (long long)count,
           (long long)each, (long long)yen);
    return 0;
}

static int print_bill(const char *whose, const struct json *statement, struct err *err)
{
    const struct json *lines;
    int64_t yen;

    TRY(json_get_int(statement, "yen", &yen, err));
    TRY(json_get_array(statement, "lines", &lines, err));
    printf(tr("%s: %lld yen\n"), whose, (long long)yen);
    for (size_t i = 0; i < json_count(lines); i++)
        TRY(print_line(json_at(lines, i), err));
    return 0;
}

/* What a platform bears itself, and what all of it comes to. */
static int print_whole(const struct json *answer, struct err *err)
{
    const struct json *bill;

    TRY(json_get_object(answer, "rest", &bill, err));
    TRY(print_bill(tr("the platform itself"), bill, err));
    TRY(json_get_object(answer, "authority", &bill, err));
    return print_bill(tr("the authority's bill"), bill, err);
}

static int print_all(const struct json *answer, bool is_platform, struct err *err)
{
    const struct json *statements;

    TRY(json_get_array(answer, "statements", &statements, err));
    for (size_t i = 0; i < json_count(statements); i++) {
        const struct json *statement = json_at(statements, i);
        const char *whose;

        TRY(json_get_text(statement, is_platform ? "client_id" : "verifier", &whose, err));
        TRY(print_bill(whose, statement, err));
    }
    return is_platform ? print_whole(answer, err) : 0;
}

static int make_query(const struct options *options, struct buf *ret, struct err *err)
{
    char today[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(clock_now(&clock_system), JST_OFFSET_SECONDS).date, today);
    today[7] = '\0'; /* YYYY-MM */
    TRY(buf_append_text(ret, "?month=", err));
    TRY(fetch_escape(ret, options->month == NULL ? today : options->month, err));
    if (options->verifier == NULL)
        return 0;
    TRY(buf_append_text(ret, "&verifier=", err));
    return fetch_escape(ret, options->verifier, err);
}

static int fees(const struct options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    struct err why = {0};
    struct authority_question question = {.path = "/v1/fees"};

    if (options->platform && options->verifier != NULL)
        return FAIL(err, ERR_USAGE, "--verifier is for the authority's statements");
    if (options->platform)
        question.path = "/v1/statements";
    TRY(make_query(options, &query, err));
    TRY(buf_text(&query, &question.rest, err));
    TRY(authority_ask_about(&options->authority, &question, &answer, err));
    if (options->authority.json)
        return output_json(answer, err);
    if (print_all(answer, options->platform, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc, (void)argv;
    return fees(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_fees = {
    .path = "fees",
    .arguments = "",
    .description = N_("show what verifiers owe for a month"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
