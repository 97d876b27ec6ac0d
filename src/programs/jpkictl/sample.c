/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/config.h"

#include <stdio.h>

static int run(const void *parsed, int argc, char *const argv[])
{
    CLEANUP(buf_done) struct buf sample = BUF_INIT;
    struct err err = {0};
    const char *text;

    (void)parsed;
    (void)argc;
    (void)argv;
    if (ctl_config_sample(&sample, &err) < 0 || buf_text(&sample, &text, &err) < 0)
        return fail(&err);
    printf("%s", text);
    return EXIT_CODE_DONE;
}

const struct cli_command command_sample = {
    .path = "sample",
    .arguments = "",
    .description = N_("print a commented configuration"),
    .run = run,
};
