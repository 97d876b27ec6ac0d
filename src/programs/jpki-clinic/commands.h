/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-clinic, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command check_command, read_command, show_command;
