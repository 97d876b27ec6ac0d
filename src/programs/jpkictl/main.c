/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl: what an operator asks the running parts. */
#include "programs/jpkictl/commands.h"
#include "programs/jpkictl/config.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variables.h"

int fail(const struct err *err)
{
    int code = exit_report("jpkictl", err);

    /* What is absent here is a file, never a card. */
    return code == EXIT_CODE_ABSENT ? EXIT_CODE_USAGE : code;
}

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_status,
        &command_cert_find,
        &command_cert_status,
        &command_crl_list,
        &command_crl_show,
        &command_crl_verify,
        &command_crl_diff,
        &command_crl_estimate,
        &command_audit_list,
        &command_audit_verify,
        &command_audit_prove,
        &command_audit_check,
        &command_audit_export,
        &command_audit_checkpoint,
        &command_witness_alarms,
        &command_witness_note,
        &command_verifier_apply,
        &command_verifier_certify,
        &command_verifier_notify,
        &command_verifier_cert,
        &command_verifier_list,
        &command_verifier_show,
        &command_verifier_suspend,
        &command_verifier_resume,
        &command_verifier_end,
        &command_tenant_list,
        &command_tenant_show,
        &command_tenant_set,
        &command_tenant_apply,
        &command_tenant_certify,
        &command_tenant_notify,
        &command_tenant_end,
        &command_fees,
        &command_evidence,
        &command_feed_show,
        &command_key_ceremony,
        &command_key_rotate,
        &command_key_unlock,
        &command_key_share_check,
        &command_key_transcript_verify,
        &command_sample,
        NULL,
    };
    static const struct settings_variable variables[] = {
        {"JPKICTL_CONFIG", "", "the configuration file, where --config is not given"},
        {"TMPDIR", "/tmp", "where lists that are read are put aside"},
        VARIABLES_LANGUAGE,
        VARIABLES_END};
    static const struct program_settings settings = {ctl_config_tables, NULL, variables};
    static const struct cli_program program = {
        .name = "jpkictl",
        .description = N_("ask the running parts of OpenJPKI, as their operator"),
        .commands = commands,
        .settings = &settings,
    };

    err_translate_by(tr);
    return cli_main(&program, argc, argv);
}
