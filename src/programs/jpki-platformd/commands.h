/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-platformd, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command operator_add_key_command;
extern const struct cli_command operator_invite_command;
extern const struct cli_command operator_list_command;
extern const struct cli_command operator_revoke_key_command;
extern const struct cli_command serve_command;
extern const struct cli_command tenant_add_command;
extern const struct cli_command tenant_add_key_command;
extern const struct cli_command tenant_list_command;
extern const struct cli_command tenant_notice_command;
extern const struct cli_command tenant_renew_key_command;
extern const struct cli_command tenant_revoke_key_command;
extern const struct cli_command tenant_set_command;
extern const struct cli_command tenant_verifier_command;
