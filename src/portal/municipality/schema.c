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

/*
 * A row is an invitation until an account takes it: invitation is a hash, of what is told once.
 * since is when it was made, then when it was taken. A draft's version is published or it is not;
 * body is the text as JSON: content and form.
 */
const char portal_staff_v1[] =
    "CREATE TABLE municipality_staff ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " name TEXT NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('clerk', 'editor')),"
    " invitation BLOB NOT NULL UNIQUE CHECK (length(invitation) = 32),"
    " invited_until INTEGER NOT NULL,"
    " account TEXT REFERENCES account (id),"
    " since INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX municipality_staff_of ON municipality_staff (municipality);"
    "CREATE UNIQUE INDEX municipality_staff_account ON municipality_staff (account, role)"
    " WHERE account IS NOT NULL AND ended_at = 0;"

    "CREATE TABLE procedure_draft ("
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " code TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " body BLOB NOT NULL,"
    " saved_at INTEGER NOT NULL,"
    " saved_by TEXT NOT NULL,"
    " published_at INTEGER NOT NULL,"
    " PRIMARY KEY (municipality, code, version)) STRICT, WITHOUT ROWID;";
