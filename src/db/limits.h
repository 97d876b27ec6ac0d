/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum {
    /* Bytes of one text or blob, written or read. */
    DB_VALUE_MAX = 1 << 20,
    /* A lease is free so long after its owner was last heard of; it is renewed three times. */
    DB_LEASE_SECONDS = 15,
    /* Megabytes of a file in memory at most, unless the caller wants it otherwise. */
    DB_CACHE_MB = 256,
    /* Prepared statements that are kept. */
    DB_KEPT_MAX = 64,
};
