/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum {
    /* How long a statement waits for another process that holds the database. */
    DB_BUSY_TIMEOUT_MS = 5000,
    /* Bytes of one text or blob, written or read. */
    DB_VALUE_MAX = 1 << 20,
};
