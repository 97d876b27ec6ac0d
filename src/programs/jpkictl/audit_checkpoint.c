/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl audit checkpoint: have a daemon make a checkpoint of its audit log now. */
#include "programs/jpkictl/commands.h"

#include "base/i18n.h"
#include "fetch/fetch.h"
#include "note/limits.h"
#include "programs/exit.h"

#include <stdio.h>

struct options {
    const char *socket;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    CLI_OPTIONS_END,
};

static int make(const struct options *options, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.method = "POST",
                                          .socket = options->socket,
                                          .url = "/v1/audit/checkpoint",
                                          .accept = "text/plain",
                                          .limit = NOTE_MAX};
    const char *text;

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    TRY(fetch(&request, &response, err));
    TRY(buf_text(&response.body, &text, err));
    printf("%s", text);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return make(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_audit_checkpoint = {
    .path = "audit checkpoint",
    .arguments = "",
    .description = N_("have a checkpoint of an audit log made, and print it"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
