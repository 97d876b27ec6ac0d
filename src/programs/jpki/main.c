/* SPDX-License-Identifier: Apache-2.0 */
/* jpki: the holder's and developer's command line. */
#include "base/err.h"
#include "base/i18n.h"
#include "base/trace.h"
#include "programs/exit.h"
#include "programs/jpki/commands.h"
#include "programs/variables.h"

static const struct cli_command *const commands[] = {
    &card_info_command,      &card_report_command,
    &pin_status_command,     &pin_change_command,
    &cert_show_command,      &cert_export_command,
    &cert_verify_command,    &cert_status_command,
    &cert_revoke_command,    &consent_give_command,
    &consent_list_command,   &consent_withdraw_command,
    &phone_enrol_command,    &clerk_login_command,
    &clerk_logout_command,   &clerk_file_command,
    &clerk_withdraw_command, &clerk_confirm_command,
    &clerk_pending_command,  &clerk_read_command,
    &clerk_apply_command,    &phone_suspend_command,
    &read_attrs_command,     &read_mynumber_command,
    &read_face_command,      &read_photo_command,
    &read_age_command,       &read_common_command,
    &free_list_command,      &free_read_command,
    &free_write_command,     &free_create_command,
    &free_delete_command,    &free_keys_command,
    &sign_command,           &verify_command,
    &login_command,          &agent_command,
    &doctor_command,         NULL,
};

static const struct settings_variable variables[] = {
    {"JPKI_READER", "",
     "the reader, where --reader is not given; direct:SOCKET is a software card"},
    {"PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm", "socket of the PC/SC service"},
    {"JPKI_ANCHORS", "", "whom to trust, where --anchors is not given; else what is in FILES"},
    {"JPKI_CARD_ANCHORS", "", "the roots of what is on cards, where --card-anchors is not given"},
    {"JPKI_OCSP", "", "address of the OCSP responder, where --ocsp is not given"},
    {"JPKICTL_CONFIG", "", "as which verifier to ask it, where --config is not given"},
    {"JPKI_AUTHORITY", "", "address of the authority, where --authority is not given"},
    {"JPKI_TENANT_KEY_FILE", "",
     "the key of a provider, for verify --platform without --tenant-key-file"},
    {"JPKI_ISSUER_KEY_FILE", "",
     "keys of the free area, for free where --issuer-key-file is not given"},
    {"XDG_CONFIG_HOME", "~/.config", "where openjpki/anchors.d is looked for"},
    {"HOME", "", "its .config, where XDG_CONFIG_HOME is not set"},
    {"XDG_RUNTIME_DIR", "", "where clerk keeps its session, unless --session is given"},
    {"TERM", "", "told to pinentry"},
    {"NO_COLOR", "", "set to anything: no colours"},
    VARIABLE_TRACE,
    VARIABLES_LANGUAGE,
    VARIABLES_END};
static const struct program_settings settings = {NULL, NULL, variables};

static const struct cli_program program = {
    .name = "jpki",
    .description = N_("Work with a My Number Card: read it, sign, verify signatures, log in."),
    .commands = commands,
    .settings = &settings,
};

int main(int argc, char *argv[])
{
    struct err err = {0};

    err_translate_by(tr);
    if (trace_open(program.name, &err) < 0)
        return exit_report(program.name, &err);
    return cli_main(&program, argc, argv);
}
