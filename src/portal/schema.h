/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's tables in SQLite, by version (db/db.h). Each subject's migrations are in a file of
 * its own beside its store.
 */
#pragma once

#include "db/db.h"

extern const struct db_schema portal_schema;

/* Inside this room only. */
extern const char portal_account_v1[];                        /* account/schema.c */
extern const char portal_selfinfo_v1[], portal_selfinfo_v2[]; /* selfinfo/schema.c */
