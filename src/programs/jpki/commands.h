/* SPDX-License-Identifier: Apache-2.0 */
/* Every command of jpki, one file each; main.c lists them in the order of help. */
#pragma once

#include "base/cli.h"

extern const struct cli_command card_info_command;
extern const struct cli_command card_report_command;
extern const struct cli_command pin_status_command;
extern const struct cli_command pin_change_command;
extern const struct cli_command cert_show_command;
extern const struct cli_command cert_export_command;
extern const struct cli_command cert_verify_command;
extern const struct cli_command cert_status_command;
extern const struct cli_command cert_revoke_command;
extern const struct cli_command phone_enrol_command;
extern const struct cli_command phone_suspend_command;
extern const struct cli_command read_attrs_command;
extern const struct cli_command read_mynumber_command;
extern const struct cli_command read_face_command;
extern const struct cli_command read_photo_command;
extern const struct cli_command read_age_command;
extern const struct cli_command read_common_command;
extern const struct cli_command clerk_login_command;
extern const struct cli_command clerk_logout_command;
extern const struct cli_command clerk_file_command;
extern const struct cli_command clerk_withdraw_command;
extern const struct cli_command clerk_confirm_command;
extern const struct cli_command clerk_pending_command;
extern const struct cli_command clerk_read_command;
extern const struct cli_command clerk_apply_command;
extern const struct cli_command consent_list_command;
extern const struct cli_command consent_withdraw_command;
extern const struct cli_command sign_command;
extern const struct cli_command verify_command;
extern const struct cli_command login_command;
extern const struct cli_command agent_command;
extern const struct cli_command doctor_command;
extern const struct cli_command free_list_command;
extern const struct cli_command free_read_command;
extern const struct cli_command free_write_command;
extern const struct cli_command free_create_command;
extern const struct cli_command free_delete_command;
extern const struct cli_command free_keys_command;
