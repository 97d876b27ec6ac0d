/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of jpki-signerd, one file each. */
#pragma once

#include "base/cli.h"
#include "signer/config.h"

extern const struct cli_command command_certificate;
extern const struct cli_command command_cv_certificate;
extern const struct cli_command command_keygen;
extern const struct cli_command command_public;
extern const struct cli_command command_sample;
extern const struct cli_command command_serve;
extern const struct cli_command command_status;

/* The names of all CAs in a configuration, by variant.h. */
MUST_CHECK int check_ca_names(const struct signer_config *config, struct err *err);
/* Report a failure; the result is the exit code. */
int fail(const struct err *err);
