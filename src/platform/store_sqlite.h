/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share. Inside this room only. */
#pragma once

#include "db/db.h"
#include "platform/store.h"

struct platform_store {
    struct db *db;
    struct limiter *limiter; /* of its tenants; in memory */
    struct known *known;     /* the same, as they were found last */
};
