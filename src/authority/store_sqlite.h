/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite store share. */
#pragma once

#include "authority/store.h"
#include "db/db.h"
#include "http/bell.h"

struct authority_store {
    struct db *db;
    struct http_bell changes; /* rung after each event */
};

/* The highest number of an event given so far, 0 before the first. */
MUST_CHECK int revocation_last_number(struct db_txn *txn, uint64_t *ret, struct err *err);
