/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-authappd/commands.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command,
                                                         &client_add_command,
                                                         &client_keygen_command,
                                                         &client_list_command,
                                                         &client_remove_command,
                                                         &client_rotate_command,
                                                         NULL};
    static const struct cli_program program = {
        "jpki-authappd", N_("the OpenID provider whose users log in with a card"), commands};

    return cli_main(&program, argc, argv);
}
