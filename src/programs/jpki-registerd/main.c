/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-registerd/commands.h"
#include "programs/jpki-registerd/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command, &bootstrap_command, NULL};
    static const struct conf_key *const tables[] = {registerd_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, registerd_reloaded, variables};
    static const struct cli_program program = {
        "jpki-registerd", N_("the resident register and its counter: issues cards"), commands,
        &settings};

    return cli_main(&program, argc, argv);
}
