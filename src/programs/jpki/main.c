/* SPDX-License-Identifier: Apache-2.0 */
/* jpki: the holder's and developer's command line. */
#include "base/err.h"
#include "base/i18n.h"
#include "base/trace.h"
#include "programs/exit.h"
#include "programs/jpki/commands.h"

static const struct cli_command *const commands[] = {
    &card_info_command,      &card_report_command,      &pin_status_command,
    &pin_change_command,     &cert_show_command,        &cert_export_command,
    &cert_verify_command,    &cert_status_command,      &cert_revoke_command,
    &consent_list_command,   &consent_withdraw_command, &phone_enrol_command,
    &clerk_login_command,    &clerk_logout_command,     &clerk_file_command,
    &clerk_withdraw_command, &clerk_confirm_command,    &clerk_pending_command,
    &clerk_read_command,     &clerk_apply_command,      &phone_suspend_command,
    &read_attrs_command,     &read_mynumber_command,    &read_face_command,
    &read_photo_command,     &read_age_command,         &read_common_command,
    &free_list_command,      &free_read_command,        &free_write_command,
    &free_create_command,    &free_delete_command,      &free_keys_command,
    &sign_command,           &verify_command,           &login_command,
    &agent_command,          &doctor_command,           NULL,
};

static const struct cli_program program = {
    .name = "jpki",
    .description = N_("Work with a My Number Card: read it, sign, verify signatures, log in."),
    .commands = commands,
};

int main(int argc, char *argv[])
{
    struct err err = {0};

    err_translate_by(tr);
    if (trace_open(program.name, &err) < 0)
        return exit_report(program.name, &err);
    return cli_main(&program, argc, argv);
}
