/* SPDX-License-Identifier: Apache-2.0 */
/* An account in the rows of whatever statement joins it. Inside this room only. */
#pragma once

#include "db/db.h"
#include "portal/account/store.h"

#define ACCOUNT_COLUMNS "a.id, a.code, a.made_at, a.used_at" /* of account AS a, first */
enum { ACCOUNT_COLUMNS_ = 4 };
MUST_CHECK int account_read(const struct db_rows *rows, struct account *ret, struct err *err);
