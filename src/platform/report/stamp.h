/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of a report in somebody else's word: a timestamp authority's over all of the report's
 * bytes (RFC 3161), asked for each report where the platform's operator named one.
 */
#pragma once

#include "crypto/timestamp.h"
#include "platform/platform.h"

/* The certificates that the authority's timestamps are believed by: a file of PEM. */
MUST_CHECK int report_load_roots(const char *path, struct timestamp_roots **ret, struct err *err);
/*
 * A token over the report, DER; untouched where the platform has no such authority. ERR_REMOTE if
 * there is no good one to be had: a report that should have one is not given without.
 */
MUST_CHECK int report_stamp(const struct platform *platform, struct bytes report, struct buf *ret,
                            struct err *err);
