/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles as text files (docs/profiles.md): read and checked when this tree is built, never by
 * what was built.
 */
#pragma once

#include "x509/profile_row.h"

/* A profile as it was read; its texts live as long as it does. */
struct profile_file {
    struct profile profile;
    struct profile_text *text;
};

/*
 * The profile in a file's text; name is the file's. ERR_INPUT, with file and line where there is
 * one, for everything that is not exactly as docs/profiles.md says.
 */
MUST_CHECK int profile_file_parse(struct bytes text, const char *name, struct profile_file *ret,
                                  struct err *err);
void profile_file_done(struct profile_file *file);
/* What the whole of a profile has to be, as profile_file_parse asks when it is read. */
MUST_CHECK int profile_file_check(const struct profile *profile, struct err *err);

/*
 * Whether the profiles fit together: every kind once, issued by a CA that is made for the same
 * keys, and told apart from the others of its issuer by policy or purpose. ERR_INPUT, naming a
 * profile.
 */
MUST_CHECK int profile_files_check(const struct profile_file *files, size_t count, struct err *err);
