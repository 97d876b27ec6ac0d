/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpkictl, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command command_audit_list;
extern const struct cli_command command_cert_find;
extern const struct cli_command command_cert_status;
extern const struct cli_command command_crl_diff;
extern const struct cli_command command_crl_estimate;
extern const struct cli_command command_crl_list;
extern const struct cli_command command_crl_show;
extern const struct cli_command command_crl_verify;
extern const struct cli_command command_sample;
extern const struct cli_command command_status;

/* Report a failure; the result is the exit code. */
int fail(const struct err *err);
