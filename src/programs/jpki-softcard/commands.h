/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpki-softcard, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command command_exec;
extern const struct cli_command command_issuer_keys;
extern const struct cli_command command_make;
extern const struct cli_command command_options;
extern const struct cli_command command_serve;
extern const struct cli_command command_show;
extern const struct cli_command command_trace;

/* Report to the person; the result is the exit code. */
int fail(const struct err *err);
