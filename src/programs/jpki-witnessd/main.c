/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-witnessd/commands.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command, NULL};
    static const struct cli_program program = {
        "jpki-witnessd", N_("cosigns checkpoints of audit logs that were not rewritten"), commands};

    return cli_main(&program, argc, argv);
}
