/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/site/schema.h"

/*
 * A linkage stays as a row when it is over: whoever links the site again is the same to it. Codes
 * and access tokens are kept as hashes. site_tell is what sites have still to be told.
 */
const char portal_sites_v1[] =
    "CREATE TABLE site_linkage ("
    " account TEXT NOT NULL REFERENCES account (id),"
    " site TEXT NOT NULL,"
    " sub TEXT NOT NULL UNIQUE,"
    " linked_at INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " used_at INTEGER,"
    " PRIMARY KEY (account, site)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE site_login ("
    " sid TEXT NOT NULL PRIMARY KEY,"
    " code BLOB NOT NULL UNIQUE CHECK (length(code) = 32),"
    " account TEXT NOT NULL,"
    " site TEXT NOT NULL,"
    " session TEXT NOT NULL,"
    " challenge TEXT NOT NULL,"
    " nonce TEXT NOT NULL,"
    " auth_time INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " used_at INTEGER,"
    " access BLOB UNIQUE CHECK (access IS NULL OR length(access) = 32),"
    " FOREIGN KEY (account, site) REFERENCES site_linkage (account, site)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX site_login_linkage ON site_login (account, site);"
    "CREATE INDEX site_login_session ON site_login (session);"
    "CREATE INDEX site_login_age ON site_login (made_at);"

    "CREATE TABLE site_assertion ("
    " site TEXT NOT NULL,"
    " jti BLOB NOT NULL CHECK (length(jti) = 32),"
    " ends_at INTEGER NOT NULL,"
    " PRIMARY KEY (site, jti)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX site_assertion_ends ON site_assertion (ends_at);"

    "CREATE TABLE site_tell ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " site TEXT NOT NULL,"
    " sub TEXT NOT NULL,"
    " sid TEXT," /* NULL: all that the site calls this person's */
    " tries INTEGER NOT NULL,"
    " next_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX site_tell_next ON site_tell (next_at);";
