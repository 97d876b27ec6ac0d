/* SPDX-License-Identifier: Apache-2.0 */
/* Which build of a program a sandbox runs: of the daemons its own, which has its clock. */
#pragma once

#include "base/err.h"

/*
 * The path of one of our programs, where "jpki-authorityd" is BIN_DIR/jpki-authorityd-sandbox and
 * a program that has no such build is BIN_DIR/NAME; release with free_text.
 */
MUST_CHECK int build_path(const char *bin_dir, const char *name, char **ret, struct err *err);
