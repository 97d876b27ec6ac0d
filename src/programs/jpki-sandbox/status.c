/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/state.h"

#include <stdio.h>

struct status {
    const char *dir;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct status, dir), N_("DIR"), N_("the sandbox's directory")},
    {'j', "json", CLI_FLAG, offsetof(struct status, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show(const struct status *status, bool *ret_healthy, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *state = NULL;

    TRY(layout_init(status->dir, &layout, err));
    TRY(state_read(&layout, &state, err));
    TRY(status->json ? output_json(state, err) : print_state(state, err));
    return json_get_bool(state, "healthy", ret_healthy, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    bool is_healthy = false;

    (void)argc;
    (void)argv;
    if (show(parsed, &is_healthy, &err) < 0)
        return fail(&err);
    return is_healthy ? EXIT_CODE_DONE : EXIT_CODE_INVALID;
}

const struct cli_command command_status = {
    .path = "status",
    .arguments = "",
    .description = N_("show what runs; exit status 1 if something does not"),
    .options = options,
    .size = sizeof(struct status),
    .run = run,
};
