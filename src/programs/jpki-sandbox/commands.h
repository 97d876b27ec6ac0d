/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpki-sandbox, one file each, and what they share. */
#pragma once

#include "base/cli.h"
#include "base/json.h"
#include "sandbox/folder.h"
#include "sandbox/layout.h"

extern const struct cli_command command_up;
extern const struct cli_command command_status;
extern const struct cli_command command_down;
extern const struct cli_command command_env;
extern const struct cli_command command_reset;
extern const struct cli_command command_persona_list;
extern const struct cli_command command_persona_add;
extern const struct cli_command command_persona_card;
extern const struct cli_command command_move;
extern const struct cli_command command_act;
extern const struct cli_command command_trace;
extern const struct cli_command command_clock;
extern const struct cli_command command_exec;
extern const struct cli_command command_nation;
extern const struct cli_command command_fault_list;
extern const struct cli_command command_fault_set;
extern const struct cli_command command_fault_clear;
extern const struct cli_command command_keys_rotate;
extern const struct cli_command command_assertion;
extern const struct cli_command command_console;

/* Report a failure; the result is the exit code. */
int fail(const struct err *err);
/* The state of a running sandbox, as a table for people. */
MUST_CHECK int print_state(const struct json *state, struct err *err);
