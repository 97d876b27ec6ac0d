/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mandate/schema.h"

/*
 * Offered as long as there is no proxy, and its code counts; over from ended_at or ends_at on. Of
 * the code only the hash is kept. reference is the mandator's person reference, encrypted to the
 * register (docs/decisions/0091), and goes when the mandate is over. place orders a municipality's.
 */
const char portal_mandates_v1[] =
    "CREATE TABLE mandate ("
    " place INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL CHECK (kind IN ('given', 'parent', 'guardian')),"
    " scopes INTEGER NOT NULL CHECK (scopes > 0),"
    " mandator TEXT NOT NULL REFERENCES account (id),"
    " proxy TEXT REFERENCES account (id) CHECK (proxy IS NULL OR proxy <> mandator),"
    " code BLOB UNIQUE CHECK (code IS NULL OR length(code) = 32),"
    " mandator_name TEXT NOT NULL,"
    " proxy_name TEXT NOT NULL,"
    " municipality TEXT REFERENCES municipality (code),"
    " reference TEXT,"
    " made_at INTEGER NOT NULL,"
    " begun_at INTEGER,"
    " ends_at INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " ended_by TEXT CHECK (ended_by IN ('mandator', 'proxy', 'municipality')),"
    " CHECK ((municipality IS NULL) = (kind = 'given')),"
    " CHECK ((proxy IS NULL) = (begun_at IS NULL)),"
    " CHECK ((ended_at IS NULL) = (ended_by IS NULL))) STRICT;"
    "CREATE INDEX mandate_mandator ON mandate (mandator, made_at);"
    "CREATE INDEX mandate_proxy ON mandate (proxy, made_at);"
    "CREATE INDEX mandate_municipality ON mandate (municipality, place);"

    /* When the log was last told of it. */
    "CREATE TABLE mandate_use ("
    " mandate TEXT NOT NULL REFERENCES mandate (id) ON DELETE CASCADE,"
    " scope INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " PRIMARY KEY (mandate, scope)) STRICT, WITHOUT ROWID;";
