/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-softcard: a My Number Card made of software. One process is one card, or many. */
#include "programs/jpki-softcard/commands.h"

#include "base/err.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variables.h"

int fail(const struct err *err)
{
    int code = exit_report("jpki-softcard", err);

    /* What is absent here is a file, never a card in a reader; nobody is asked for a PIN. */
    return code == EXIT_CODE_ABSENT || code == EXIT_CODE_DENIED ? EXIT_CODE_USAGE : code;
}

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_make, &command_options, &command_serve,       &command_show,
        &command_exec, &command_trace,   &command_issuer_keys, NULL,
    };
    static const struct settings_variable variables[] = {
        {"JPKI_SOFTPCSC", "",
         "set by exec for what it starts: the readers that libjpki-softpcsc shows, "
         "[NAME=]SOCKET with colons between"},
        {"LD_LIBRARY_PATH", "", "set by exec for what it starts: libjpki-softpcsc comes first"},
        {"TMPDIR", "/tmp", "where exec and make keep the sockets of cards"},
        VARIABLES_LANGUAGE,
        VARIABLES_END};
    static const struct program_settings settings = {NULL, NULL, variables};
    static const struct cli_program program = {
        .name = "jpki-softcard",
        .description = N_("be a My Number Card for tests"),
        .commands = commands,
        .settings = &settings,
    };

    err_translate_by(tr);
    (void)i18n_catalogue(i18n_language()); /* now: a card that is served may read no files */
    return cli_main(&program, argc, argv);
}
