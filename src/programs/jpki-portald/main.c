/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command,
                                                         &client_add_command,
                                                         &client_list_command,
                                                         &client_remove_command,
                                                         &client_renew_command,
                                                         &clinic_add_command,
                                                         &clinic_bind_command,
                                                         &clinic_key_command,
                                                         &clinic_list_command,
                                                         &clinic_revoke_command,
                                                         &kiosk_add_command,
                                                         &kiosk_list_command,
                                                         &kiosk_offers_command,
                                                         &kiosk_renew_command,
                                                         &kiosk_revoke_command,
                                                         &municipality_add_command,
                                                         &municipality_connected_command,
                                                         &municipality_dismiss_command,
                                                         &municipality_invite_command,
                                                         &municipality_key_command,
                                                         &municipality_keys_command,
                                                         &municipality_revoke_command,
                                                         &municipality_staff_command,
                                                         &procedures_load_command,
                                                         &registers_fill_command,
                                                         NULL};
    static const struct conf_key *const tables[] = {portald_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, portald_reloaded, variables};
    static const struct cli_program program = {
        "jpki-portald", N_("the portal for citizens, who log in with a card"), commands, &settings};

    return cli_main(&program, argc, argv);
}
