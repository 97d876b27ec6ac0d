/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-clinic: the terminal of a clinic or pharmacy, at which people show their cards. */
#include "base/err.h"
#include "base/i18n.h"
#include "programs/jpki-clinic/commands.h"
#include "programs/variables.h"

static const struct cli_command *const commands[] = {&check_command, &show_command, &read_command,
                                                     NULL};

static const struct settings_variable variables[] = {
    {"JPKI_PORTAL", "", "address of the portal, where --portal is not given"},
    {"JPKI_TERMINAL_KEY_FILE", "", "the terminal's key, where --terminal-key-file is not given"},
    {"JPKI_OPERATOR_KEY_FILE", "",
     "the operator's key, for check --photo without --operator-key-file"},
    {"JPKI_READER", "",
     "the reader, where --reader is not given; direct:SOCKET is a software card"},
    {"PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm", "socket of the PC/SC service"},
    {"TERM", "", "told to pinentry"},
    {"NO_COLOR", "", "set to anything: no colours"},
    VARIABLES_LANGUAGE,
    VARIABLES_END};
static const struct program_settings settings = {NULL, NULL, variables};

static const struct cli_program program = {
    .name = "jpki-clinic",
    .description = N_("Look up at a clinic whether somebody is insured, with the person's card."),
    .commands = commands,
    .settings = &settings,
};

int main(int argc, char *argv[])
{
    err_translate_by(tr);
    return cli_main(&program, argc, argv);
}
