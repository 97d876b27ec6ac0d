/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl witness alarms and witness note: what a witness found, and taking note of it. */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/output.h"

#include <stdio.h>
#include <string.h>

struct options {
    const char *socket;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the witness")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static const struct cli_option note_rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the witness")},
    CLI_OPTIONS_END,
};

static int print_alarm(const struct json *alarm, struct err *err)
{
    char time[CALTIME_TEXT_SIZE];
    const char *origin;
    const char *doubt;
    int64_t id;
    int64_t at;

    TRY(json_get_int(alarm, "id", &id, err));
    TRY(json_get_int(alarm, "at", &at, err));
    TRY(json_get_text(alarm, "origin", &origin, err));
    TRY(json_get_text(alarm, "doubt", &doubt, err));
    caltime_format(at, JST_OFFSET_SECONDS, time);
    printf("%lld  %s  %-10s  %s  %s\n", (long long)id, time, doubt, origin,
           json_is_null_member(alarm, "noted_at") ? tr("open") : tr("noted"));
    return 0;
}

static int print_alarms(const struct json *body, struct err *err)
{
    const struct json *alarms;

    TRY(json_get_array(body, "alarms", &alarms, err));
    for (size_t i = 0; i < json_count(alarms); i++)
        TRY(print_alarm(json_at(alarms, i), err));
    return 0;
}

static int list(const struct options *options, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.socket = options->socket, .url = "/v1/alarms"};
    struct err why = {0};

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    TRY(fetch(&request, &response, err));
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the witness's answer is not JSON");
    if (options->json)
        return output_json(response.json, err);
    if (print_alarms(response.json, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the witness's answer is malformed: %s", why.text);
    return 0;
}

static int take_note(const struct options *options, const char *id, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    char url[64];
    struct fetch_request request = {.method = "POST", .socket = options->socket, .url = url};

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    if (strlen(id) > 18 || id[0] == '\0' || strspn(id, "0123456789") != strlen(id))
        return FAIL(err, ERR_USAGE, "an alarm has a number");
    (void)snprintf(url, sizeof url, "/v1/alarms/%s/note", id);
    return fetch(&request, &response, err);
}

static int run_list(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return list(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static int run_note(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return take_note(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_witness_alarms = {
    .path = "witness alarms",
    .arguments = "",
    .description = N_("show what logs have shown a witness that cannot be true"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run_list,
};

const struct cli_command command_witness_note = {
    .path = "witness note",
    .arguments = N_("NUMBER"),
    .description = N_("take note of an alarm of a witness"),
    .options = note_rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_note,
};
