/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of jpki-authorityd. */
#pragma once

#include "base/cli.h"

extern const struct cli_command serve_command;
extern const struct cli_command init_ca_command;
extern const struct cli_command issue_ocsp_command;
extern const struct cli_command issue_feed_command; /* issue_ocsp.c */
