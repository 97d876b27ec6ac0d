/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"

struct reset {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct reset, dir), N_("DIR"), N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static int wipe_directory(const struct reset *reset, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;

    TRY(layout_init(reset->dir, &layout, err));
    TRY(layout_check(&layout, err));
    TRY(layout_lock(&layout, err));
    return layout_reset(&layout, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return wipe_directory(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_reset = {
    .path = "reset",
    .arguments = "",
    .description = N_("forget all keys, CAs, residents and cards of a stopped sandbox"),
    .options = options,
    .size = sizeof(struct reset),
    .run = run,
};
