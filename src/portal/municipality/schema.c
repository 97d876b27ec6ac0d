/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/municipality/schema.h"

/* hash is of the key, which is told once. Times of what did not happen are 0. */
const char portal_municipality_keys_v1[] =
    "CREATE TABLE municipality_key ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " name TEXT NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('clerk', 'editor')),"
    " hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    " made_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX municipality_key_of ON municipality_key (municipality);";
