/* SPDX-License-Identifier: Apache-2.0 */
/* The command goes by the time of its start; a clock that is moved later is the next one's. */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/environment.h"
#include "programs/jpki-sandbox/faketime.h"
#include "sandbox/clock_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct exec_options {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct exec_options, dir), N_("DIR"),
     N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static void words_done(char ***words)
{
    free(*words);
}

static int exec_command(const struct exec_options *given, int argc, char *const argv[],
                        int *ret_status, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(environment_done) struct environment environment = {.count = 0};
    CLEANUP(free_text) char *library = NULL;
    CLEANUP(words_done) char **words = calloc((size_t)argc + 1, sizeof *words);
    int64_t offset_s = 0;

    if (words == NULL)
        return FAIL_NOMEM(err);
    memcpy(words, argv, (size_t)argc * sizeof *words);
    TRY(layout_init(given->dir, &layout, err));
    TRY(environment_of(&layout, &environment, err));
    TRY(clock_file_read(&layout, &offset_s, err));
    TRY(faketime_find(&library, err));
    TRY(environment_use(&environment, err));
    return faketime_run(library, offset_s, words, ret_status, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    int status = EXIT_CODE_DONE;

    return exec_command(parsed, argc, argv, &status, &err) < 0 ? fail(&err) : status;
}

const struct cli_command command_exec = {
    .path = "exec",
    .arguments = "COMMAND...",
    .description = N_("run a command at the sandbox's time and with its environment"),
    .options = options,
    .size = sizeof(struct exec_options),
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .run = run,
    .options_end_at_argument = true,
};
