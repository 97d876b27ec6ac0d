/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Individual numbers have a table of their own: a query about residents cannot bring one along by
 * accident, and what reads the table is easily found. Its uses are recorded beside it.
 */
#include "register/schema.h"

static const char version_1[] =
    "CREATE TABLE resident ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " name_substitutes TEXT NOT NULL,"
    " address TEXT NOT NULL,"
    " address_substitutes TEXT NOT NULL,"
    " birth TEXT NOT NULL,"
    " sex INTEGER NOT NULL CHECK (sex BETWEEN 1 AND 3),"
    " municipality TEXT NOT NULL CHECK (length(municipality) = 5),"
    " registered_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE mynumber ("
    " resident TEXT NOT NULL PRIMARY KEY REFERENCES resident (id),"
    " digits BLOB NOT NULL UNIQUE CHECK (length(digits) = 12)) STRICT;"

    "CREATE TABLE mynumber_use ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " resident TEXT NOT NULL REFERENCES resident (id),"
    " purpose TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " used_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE card ("
    " serial TEXT NOT NULL PRIMARY KEY,"
    " resident TEXT NOT NULL UNIQUE REFERENCES resident (id),"
    " state TEXT NOT NULL CHECK (state IN ('stock', 'issued', 'active')),"
    " security_code TEXT NOT NULL,"
    " window_id TEXT NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " expires_on TEXT NOT NULL,"
    " activated_at INTEGER) STRICT;"

    "CREATE TABLE issue ("
    " request_id TEXT NOT NULL PRIMARY KEY,"
    " card TEXT NOT NULL REFERENCES card (serial),"
    " kind TEXT NOT NULL CHECK (kind IN ('sign', 'auth')),"
    " request BLOB NOT NULL,"
    " requested_at INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " certificate BLOB,"
    " ca_certificate BLOB,"
    " UNIQUE (card, kind),"
    " CHECK ((certificate IS NULL) = (ca_certificate IS NULL))) STRICT;";

static const char *const migrations[] = {version_1, NULL};

const struct db_schema register_schema = {"register", migrations};
