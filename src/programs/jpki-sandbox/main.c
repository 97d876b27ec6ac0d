/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-sandbox: a whole JPKI on one machine, for tests. */
#include "programs/jpki-sandbox/commands.h"
#include "programs/variables.h"

#include "base/i18n.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_up,          &command_status,       &command_down,
        &command_env,         &command_reset,        &command_persona_list,
        &command_persona_add, &command_persona_card, &command_move,
        &command_act,         &command_trace,        &command_clock,
        &command_exec,        &command_nation,       &command_fault_list,
        &command_fault_set,   &command_fault_clear,  &command_keys_rotate,
        &command_assertion,   &command_console,      NULL,
    };
    static const struct settings_variable variables[] = {
        {"XDG_RUNTIME_DIR", "/tmp",
         "without --dir and unless root, the sandbox is in its jpki-sandbox"},
        {"JPKI_PLATFORM", "", "printed by env, for scripts: address of the platform"},
        {"JPKI_AUTHAPP", "", "printed by env, for scripts: address of the OpenID provider"},
        {"JPKI_PORTAL", "", "printed by env, for scripts: address of the portal for citizens"},
        {"JPKI_COUNTER", "", "printed by env, for scripts: address of the register's counter"},
        {"JPKI_SANDBOX_POWERS", "",
         "set by up for what it starts: the file of what is set (docs/sandbox.md)"},
        {"JPKI_SANDBOX_CONTROL", "", "set by up for what it starts: the socket of the control API"},
        {"JPKI_SANDBOX_CLOCK", "",
         "set by up for what it starts, and needed by nothing else: the file of the sandbox's "
         "clock"},
        {"FAKETIME", "", "set by exec for what it starts: up refuses to run below it"},
        {"PATH", "", "set by exec and env: the programs of this build come first"},
        VARIABLES_LANGUAGE,
        VARIABLES_END};
    static const struct program_settings settings = {NULL, NULL, variables};
    static const struct cli_program program = {
        .name = "jpki-sandbox",
        .description = N_("run a whole test JPKI on this machine, in one directory"),
        .commands = commands,
        .settings = &settings,
    };

    return cli_main(&program, argc, argv);
}
