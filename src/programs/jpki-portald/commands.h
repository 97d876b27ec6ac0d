/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-portald, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command serve_command;
