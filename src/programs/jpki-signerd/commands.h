/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpki-signerd, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command command_certificate;
extern const struct cli_command command_keygen;
extern const struct cli_command command_sample;
extern const struct cli_command command_serve;
extern const struct cli_command command_status;

/* Report a failure; the result is the exit code. */
int fail(const struct err *err);
