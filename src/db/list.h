/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as an array of JSON, in a read transaction of its own. */
#pragma once

#include "base/json.h"
#include "db/db.h"

/* put adds one row to the list; what it fails with is what db_list fails with. */
MUST_CHECK int db_list(struct db *db, const char *sql, const struct db_value *values,
                       int (*put)(const struct db_rows *row, struct json *list, struct err *err),
                       struct json **ret, struct err *err);
