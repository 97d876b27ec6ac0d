/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpkictl, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command command_audit_check;
extern const struct cli_command command_audit_checkpoint;
extern const struct cli_command command_audit_export;
extern const struct cli_command command_audit_list;
extern const struct cli_command command_audit_prove;
extern const struct cli_command command_audit_verify;
extern const struct cli_command command_cert_find;
extern const struct cli_command command_cert_status;
extern const struct cli_command command_crl_diff;
extern const struct cli_command command_crl_estimate;
extern const struct cli_command command_crl_list;
extern const struct cli_command command_crl_show;
extern const struct cli_command command_crl_verify;
extern const struct cli_command command_evidence;
extern const struct cli_command command_feed_show;
extern const struct cli_command command_fees;
extern const struct cli_command command_key_ceremony;
extern const struct cli_command command_key_rotate;
extern const struct cli_command command_key_share_check;
extern const struct cli_command command_key_transcript_verify;
extern const struct cli_command command_key_unlock;
extern const struct cli_command command_sample;
extern const struct cli_command command_status;
extern const struct cli_command command_tenant_apply;
extern const struct cli_command command_tenant_certify;
extern const struct cli_command command_tenant_end;
extern const struct cli_command command_tenant_list;
extern const struct cli_command command_tenant_notify;
extern const struct cli_command command_tenant_set;
extern const struct cli_command command_tenant_show;
extern const struct cli_command command_verifier_apply;
extern const struct cli_command command_verifier_cert;
extern const struct cli_command command_verifier_certify;
extern const struct cli_command command_verifier_end;
extern const struct cli_command command_verifier_list;
extern const struct cli_command command_verifier_notify;
extern const struct cli_command command_verifier_resume;
extern const struct cli_command command_verifier_show;
extern const struct cli_command command_verifier_suspend;
extern const struct cli_command command_witness_alarms;
extern const struct cli_command command_witness_note;

/* Report a failure; the result is the exit code. */
int fail(const struct err *err);
