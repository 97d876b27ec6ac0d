/* SPDX-License-Identifier: Apache-2.0 */
/* Values are quoted for the shell: a directory may be called anything. */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/environment.h"

#include <stdio.h>

struct env {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct env, dir), N_("DIR"), N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static void export_variable(const struct variable *variable)
{
    printf("export %s='", variable->name);
    for (const char *c = variable->value; *c != '\0'; c++) {
        if (*c == '\'')
            printf("'\\''");
        else
            putchar(*c);
    }
    if (variable->is_in_front)
        printf("'\"${%s:+:$%s}\"\n", variable->name, variable->name);
    else
        printf("'\n");
}

static int show(const struct env *env, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(environment_done) struct environment environment = {.count = 0};

    TRY(layout_init(env->dir, &layout, err));
    TRY(environment_of(&layout, &environment, err));
    for (size_t i = 0; i < environment.count; i++)
        export_variable(&environment.list[i]);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_env = {
    .path = "env",
    .arguments = "",
    .description = N_("print what a shell needs: eval \"$(jpki-sandbox env)\""),
    .options = options,
    .size = sizeof(struct env),
    .run = run,
};
