/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-authappd/commands.h"
#include "programs/jpki-authappd/config.h"
#include "programs/variables.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &serve_command,         &client_add_command,
        &client_keygen_command, &client_list_command,
        &client_remove_command, &client_rotate_command,
        &keys_rotate_command,   NULL};
    static const struct conf_key *const tables[] = {authappd_keys, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {tables, authappd_reloaded, variables};
    static const struct cli_program program = {
        "jpki-authappd", N_("the OpenID provider whose users log in with a card"), commands,
        &settings};

    return cli_main(&program, argc, argv);
}
