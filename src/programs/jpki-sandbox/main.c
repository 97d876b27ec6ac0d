/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-sandbox: a whole JPKI on one machine, for tests. */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"

int main(int argc, char *argv[])
{
    static const struct cli_command *const commands[] = {
        &command_up,          &command_status,       &command_down,
        &command_env,         &command_reset,        &command_persona_list,
        &command_persona_add, &command_persona_card, &command_move,
        &command_act,         &command_trace,        &command_clock,
        &command_exec,        &command_nation,       &command_fault_list,
        &command_fault_set,   &command_fault_clear,  NULL,
    };
    static const struct cli_program program = {
        .name = "jpki-sandbox",
        .description = N_("run a whole test JPKI on this machine, in one directory"),
        .commands = commands,
    };

    return cli_main(&program, argc, argv);
}
