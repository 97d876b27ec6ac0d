/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite store share. */
#pragma once

#include "authority/store.h"
#include "db/db.h"

struct authority_store {
    struct db *db;
};
