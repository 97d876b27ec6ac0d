/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's tables in SQLite, by version (db/db.h). */
#pragma once

#include "db/db.h"

extern const struct db_schema authapp_schema;
