/* SPDX-License-Identifier: Apache-2.0 */
/* Files that come with the programs: in ../share beside the folder of the executable. */
#pragma once

#include "base/err.h"

/*
 * The path of a file below share ("openjpki/municipalities.tsv"), found from where the running
 * program lies, so that the build tree and an installation work alike. Whether the file exists is
 * not checked. Release with free_text.
 */
MUST_CHECK int share_path(const char *name, char **ret, struct err *err);
