/* SPDX-License-Identifier: Apache-2.0 */
/* Whose cards may be shown at clinics, out of the files that the configuration names. */
#pragma once

#include "portal/portal.h"

/* paths: one a line; NULL: none. *ret is released with free. Failures as anchor_files_load. */
MUST_CHECK int issuers_load(const char *paths, struct portal_issuer **ret, size_t *ret_count,
                            struct err *err);
