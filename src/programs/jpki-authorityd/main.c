/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-authorityd/commands.h"
#include "programs/jpki-authorityd/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &serve_command, &init_ca_command, &issue_ocsp_command, &issue_feed_command, NULL};
    static const struct conf_key *const tables[] = {authorityd_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, authorityd_reloaded, variables};
    static const struct cli_program program = {
        "jpki-authorityd", N_("the certification authority: issues certificates"), commands,
        &settings};

    return cli_main(&program, argc, argv);
}
