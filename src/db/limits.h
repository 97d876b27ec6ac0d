/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum {
    /* Bytes of one text or blob, written or read. */
    DB_VALUE_MAX = 1 << 20,
    /* A lease is free so long after its owner was last heard of; it is renewed three times. */
    DB_LEASE_SECONDS = 15,
    /* Megabytes of a file in memory at most for what writes, and as many for what reads, unless the
     * caller wants it otherwise. */
    DB_CACHE_MB = 256,
    /* Transactions that only read, at once. */
    DB_READERS = 4,
    /* Pages that the write-ahead log has before it is copied into the file. */
    DB_WAL_PAGES = 4096,
    /* How long a commit waits for readings that began before it, where it is to copy the log. */
    DB_READERS_WAIT_MS = 20,
    /* Prepared statements that are kept, of each connection. */
    DB_KEPT_MAX = 64,
};
