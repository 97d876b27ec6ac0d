/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-authappd, one file each; those about clients together. */
#pragma once

#include "base/cli.h"

extern const struct cli_command serve_command;
extern const struct cli_command client_add_command;
extern const struct cli_command client_keygen_command;
extern const struct cli_command client_list_command;
extern const struct cli_command client_remove_command;
extern const struct cli_command client_rotate_command;
extern const struct cli_command keys_rotate_command;
