/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    ANCHORS_MAX = 64,                /* CA certificates trusted at once */
    SEEN_MAX = 1000000,              /* certificates remembered at once */
    ANCHOR_FILE_MAX = 64 * 1024,     /* bytes of one anchor file */
    CRL_FILE_MAX = 64 * 1024 * 1024, /* bytes of one revocation list */
    CRL_MEMORY_MAX = 4096,           /* lists in memory: two for each municipality, and some */
    CRL_FILES_DEFAULT = 4096,        /* lists in a directory */
    CRL_ENTRIES_DEFAULT = 100000000, /* revocations of all of them: eight bytes each */
    FEED_FILES_MAX = 4096,           /* files of a feed in a directory */
    STATUS_SKEW = 60,                /* seconds that another's clock may be ahead of ours */
    STATUS_AGE_MAX = 3600,           /* seconds that an OCSP answer without nextUpdate holds */
};
