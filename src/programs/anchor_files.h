/* SPDX-License-Identifier: Apache-2.0 */
/* The CAs that a daemon believes, from the files that its configuration names. */
#pragma once

#include "verify/anchors.h"

/*
 * All CA certificates of the files in paths, one path a line: one of each generation. ret is the
 * caller's, to be freed. ERR_INPUT, which names the file, where one is absent, has no CA
 * certificate (a daemon that trusts nobody would refuse everybody without saying why), or has one
 * that this build does not work for (variant.h).
 */
MUST_CHECK int anchor_files_load(const char *paths, struct anchors **ret, struct err *err);
