/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command,
                                                         &tenant_add_command,
                                                         &tenant_list_command,
                                                         &tenant_set_command,
                                                         &tenant_add_key_command,
                                                         &tenant_revoke_key_command,
                                                         &tenant_renew_key_command,
                                                         &tenant_notice_command,
                                                         &operator_add_key_command,
                                                         &operator_list_command,
                                                         &operator_revoke_key_command,
                                                         &operator_invite_command,
                                                         &tenant_verifier_command,
                                                         NULL};
    static const struct conf_key *const tables[] = {platformd_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, platformd_reloaded, variables};
    static const struct cli_program program = {
        "jpki-platformd", N_("the platform: verifies signatures and logins for providers"),
        commands, &settings};

    return cli_main(&program, argc, argv);
}
