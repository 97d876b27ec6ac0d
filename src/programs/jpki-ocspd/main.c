/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/jpki-ocspd/commands.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {&serve_command, NULL};
    static const struct cli_program program = {
        "jpki-ocspd", N_("answers whether certificates are revoked (OCSP)"), commands};

    return cli_main(&program, argc, argv);
}
