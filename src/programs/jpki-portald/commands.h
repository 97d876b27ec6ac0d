/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-portald, one file each. */
#pragma once

#include "base/cli.h"

extern const struct cli_command client_add_command, client_list_command, client_remove_command,
    client_renew_command;
extern const struct cli_command clinic_add_command, clinic_bind_command, clinic_key_command,
    clinic_list_command, clinic_revoke_command;
extern const struct cli_command kiosk_add_command, kiosk_list_command, kiosk_offers_command,
    kiosk_renew_command, kiosk_revoke_command;
extern const struct cli_command municipality_add_command, municipality_connected_command,
    municipality_key_command, municipality_keys_command, municipality_revoke_command;
extern const struct cli_command municipality_invite_command, municipality_staff_command,
    municipality_dismiss_command;
extern const struct cli_command procedures_load_command, registers_fill_command;
extern const struct cli_command serve_command;
