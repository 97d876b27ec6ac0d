/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl crl list: which lists an authority publishes, until when they count, and whether it can.
 */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/output.h"

#include <stdio.h>

enum { LISTS_BYTES_MAX = 8 << 20 };

struct options {
    const char *socket;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* Whether the list counts now. */
static int print_list(const struct json *list, bool *ret_counts, struct err *err)
{
    char made[CALTIME_TEXT_SIZE];
    char until[CALTIME_TEXT_SIZE];
    const char *name;
    int64_t numbers[4];

    TRY(json_get_text(list, "name", &name, err));
    TRY(json_get_int(list, "number", &numbers[0], err));
    TRY(json_get_int(list, "entries", &numbers[1], err));
    TRY(json_get_int(list, "this_update", &numbers[2], err));
    TRY(json_get_int(list, "next_update", &numbers[3], err));
    *ret_counts = numbers[3] >= clock_now(&clock_system);
    caltime_format(numbers[2], JST_OFFSET_SECONDS, made);
    caltime_format(numbers[3], JST_OFFSET_SECONDS, until);
    printf(tr("%s: number %lld, %lld revoked, made %s, counts until %s%s\n"), name,
           (long long)numbers[0], (long long)numbers[1], made, until,
           *ret_counts ? "" : tr(", which is over"));
    return 0;
}

/* Whether the last publication was made. */
static int print_publication(const struct json *answer, bool *ret_is_well, struct err *err)
{
    const struct json *publication;
    char at[CALTIME_TEXT_SIZE];
    const char *why;
    int64_t failed_at;

    TRY(json_get_object(answer, "publication", &publication, err));
    *ret_is_well = json_is_null_member(publication, "failed_at");
    if (*ret_is_well)
        return 0;
    TRY(json_get_int(publication, "failed_at", &failed_at, err));
    TRY(json_get_text(publication, "failure", &why, err));
    caltime_format(failed_at, JST_OFFSET_SECONDS, at);
    printf(tr("publishing failed at %s: %s\n"), at, why);
    return 0;
}

/* Of a publication that is at work; an older daemon does not tell. */
static int print_progress(const struct json *answer, struct err *err)
{
    const struct json *progress;
    int64_t done;
    int64_t total;
    int64_t left;

    if (!json_has(answer, "progress") || json_is_null_member(answer, "progress"))
        return 0;
    TRY(json_get_object(answer, "progress", &progress, err));
    TRY(json_get_int(progress, "done", &done, err));
    TRY(json_get_int(progress, "total", &total, err));
    printf(tr("publishing: %.1f %% done"), total > 0 ? 100.0 * (double)done / (double)total : 0.0);
    if (!json_is_null_member(progress, "seconds_left")) {
        TRY(json_get_int(progress, "seconds_left", &left, err));
        printf(tr(", %lld s left"), (long long)left);
    }
    printf("\n");
    return 0;
}

static int print_all(const struct json *answer, bool *ret_is_well, struct err *err)
{
    const struct json *lists;
    bool is_well;

    TRY(json_get_array(answer, "crls", &lists, err));
    TRY(print_publication(answer, &is_well, err));
    TRY(print_progress(answer, err));
    for (size_t i = 0; i < json_count(lists); i++) {
        bool counts;

        TRY(print_list(json_at(lists, i), &counts, err));
        is_well = is_well && counts;
    }
    *ret_is_well = is_well;
    return 0;
}

/* The same judgement, of what is handed on as it is. */
static int judge(const struct json *answer, bool *ret_is_well, struct err *err)
{
    const struct json *publication;
    const struct json *lists;
    int64_t until;

    TRY(json_get_object(answer, "publication", &publication, err));
    TRY(json_get_array(answer, "crls", &lists, err));
    *ret_is_well = json_is_null_member(publication, "failed_at");
    for (size_t i = 0; i < json_count(lists); i++) {
        TRY(json_get_int(json_at(lists, i), "next_update", &until, err));
        *ret_is_well = *ret_is_well && until >= clock_now(&clock_system);
    }
    return 0;
}

static int show(const struct options *options, bool *ret_is_well, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {
        .socket = options->socket, .url = "/v1/crls", .limit = LISTS_BYTES_MAX};
    struct err why = {0};

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    TRY(fetch(&request, &response, err));
    if (response.json == NULL ||
        (options->json ? judge : print_all)(response.json, ret_is_well, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    return options->json ? output_json(response.json, err) : 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    bool is_well = true;

    (void)argc;
    (void)argv;
    if (show(parsed, &is_well, &err) < 0)
        return fail(&err);
    return is_well ? EXIT_CODE_DONE : EXIT_CODE_REMOTE;
}

const struct cli_command command_crl_list = {
    .path = "crl list",
    .arguments = "",
    .description = N_("list what an authority publishes, and whether it can"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
