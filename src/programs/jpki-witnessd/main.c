/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-witnessd/commands.h"
#include "programs/jpki-witnessd/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command, NULL};
    static const struct conf_key *const tables[] = {witnessd_keys, witnessd_log_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, NULL, variables};
    static const struct cli_program program = {
        "jpki-witnessd", N_("cosigns checkpoints of audit logs that were not rewritten"), commands,
        &settings};

    return cli_main(&program, argc, argv);
}
