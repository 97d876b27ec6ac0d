/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/schema.h"

#include "audit/audit.h"
#include "audit/tree.h"

static const char version_1[] =
    "CREATE TABLE wrapped (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;"

    "CREATE TABLE tenant ("
    " client_id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " key BLOB NOT NULL UNIQUE) STRICT;"

    /* id is random, so that nothing derived from it says anything about a certificate. */
    "CREATE TABLE holder ("
    " id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),"
    " issuer BLOB NOT NULL,"
    " serial BLOB NOT NULL,"
    " UNIQUE (issuer, serial)) STRICT;"

    "CREATE TABLE login ("
    " session TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " secret BLOB NOT NULL,"
    " code TEXT NOT NULL,"
    " wrong_codes INTEGER NOT NULL,"
    " holder BLOB REFERENCES holder (id)) STRICT;"

    "CREATE INDEX login_expiry ON login (expires_at);"

    "CREATE TABLE verification ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " at INTEGER NOT NULL,"
    " verdict TEXT NOT NULL) STRICT;";

/* Refused answers of a login, as far as they are in the audit log. */
static const char version_3[] = "ALTER TABLE login ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;";

/* Certificates that somebody was given after the one by which he is known here first. */
static const char holder_links_v1[] = "CREATE TABLE holder_link ("
                                      " issuer BLOB NOT NULL,"
                                      " serial BLOB NOT NULL,"
                                      " holder BLOB NOT NULL REFERENCES holder (id),"
                                      " PRIMARY KEY (issuer, serial)) STRICT, WITHOUT ROWID;";

/* What tenants had people sign, as long as it would count again. */
static const char authentication_v1[] =
    "CREATE TABLE authentication_spent ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " session TEXT NOT NULL,"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, session, nonce)) STRICT, WITHOUT ROWID;"

    "CREATE INDEX authentication_spent_expiry ON authentication_spent (expires_at);";

static const char *const migrations[] = {
    version_1,       audit_schema_v1,   version_3, audit_tree_schema_v1,
    holder_links_v1, authentication_v1, NULL};

const struct db_schema platform_schema = {"platform", migrations};
