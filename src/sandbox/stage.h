/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs where each user of the sandbox can reach them. A checkout below a closed directory
 * (root's home is 0700) is out of reach for the users that its programs get as root; they run
 * from copies in DIR/programs then.
 */
#pragma once

#include "sandbox/layout.h"

/*
 * *ret is bin_dir itself if everybody may enter it, or if the programs run as ourselves; else
 * DIR/programs/bin, with copies made now of our programs and of the data files beside them.
 * Release with free_text.
 */
MUST_CHECK int stage_programs(const struct layout *layout, const char *bin_dir, char **ret,
                              struct err *err);
/* Whether every user may enter an absolute directory, by its modes and those above it. */
MUST_CHECK int stage_is_open(const char *dir, bool *ret, struct err *err);
/* The copy alone: what is named jpki-* in bin_dir, and ../share/openjpki with its pages, to below
 * programs. */
MUST_CHECK int stage_copy(const char *bin_dir, const char *programs, struct err *err);
