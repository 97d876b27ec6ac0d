/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-registerd/commands.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command, &bootstrap_command, NULL};
    static const struct cli_program program = {
        "jpki-registerd", N_("the resident register and its counter: issues cards"), commands};

    return cli_main(&program, argc, argv);
}
