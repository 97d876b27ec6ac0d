/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-signerd: the only server process with private keys. */
#include "programs/jpki-signerd/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variables.h"
#include "programs/variant.h"

int fail(const struct err *err)
{
    int code = exit_report("jpki-signerd", err);

    /* What is absent here is a file, never a card. */
    return code == EXIT_CODE_ABSENT ? EXIT_CODE_USAGE : code;
}

int check_ca_names(const struct signer_config *config, struct err *err)
{
    for (size_t i = 0; i < config->key_count; i++)
        if (config->key[i].is == KEY_ROLE_CA)
            TRY(err_prefix(err, variant_check_ca_name(config->key[i].subject, err), "[key %s]",
                           config->key[i].name));
    return 0;
}

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_keygen, &command_certificate, &command_cv_certificate, &command_public,
        &command_serve,  &command_status,      &command_sample,         NULL,
    };
    static const struct settings_variable variables[] = {
        {"CREDENTIALS_DIRECTORY", "",
         "set by systemd: where the credential that passphrase_credential names is"},
        VARIABLES_DAEMON};
    static const struct program_settings settings = {signer_config_tables, NULL, variables};
    static const struct cli_program program = {
        .name = "jpki-signerd",
        .description = N_("keep private keys and sign only what their role allows"),
        .commands = commands,
        .settings = &settings,
    };

    return cli_main(&program, argc, argv);
}
