/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite store share. */
#pragma once

#include "db/db.h"
#include "register/store.h"

struct register_store {
    struct db *db;
};

/* 32 hexadecimal digits from 16 random bytes. */
MUST_CHECK int id_new(char ret[RESIDENT_ID_LEN + 1], struct err *err);
/* A date column, "YYYY-MM-DD". */
MUST_CHECK int column_date(const struct db_rows *rows, int column, struct caldate *ret,
                           struct err *err);
