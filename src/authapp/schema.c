/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/schema.h"

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"

static const char client_v1[] =
    "CREATE TABLE wrapped (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;"

    "CREATE TABLE client ("
    " client_id TEXT NOT NULL PRIMARY KEY,"
    " metadata BLOB NOT NULL,"
    " secret BLOB) STRICT;"

    /* Assertions of clients that were used: a client's "jti" counts once. */
    "CREATE TABLE assertion ("
    " client_id TEXT NOT NULL,"
    " jti BLOB NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, jti)) STRICT, WITHOUT ROWID;"

    "CREATE INDEX assertion_expiry ON assertion (expires_at);";

/*
 * browser is the hash of the cookie of whoever opened it. outcome is open, answered, refused or
 * cancelled. What the platform told of the holder is sealed.
 */
static const char login_v1[] = "CREATE TABLE login ("
                               " session TEXT NOT NULL PRIMARY KEY,"
                               " client_id TEXT NOT NULL,"
                               " browser BLOB NOT NULL,"
                               " request BLOB NOT NULL,"
                               " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
                               " code TEXT NOT NULL,"
                               " wrong_codes INTEGER NOT NULL,"
                               " expires_at INTEGER NOT NULL,"
                               " outcome TEXT NOT NULL,"
                               " answered_at INTEGER NOT NULL,"
                               " holder BLOB) STRICT;"

                               "CREATE INDEX login_expiry ON login (expires_at);";

/*
 * A grant is what one login gives a client; codes and tokens hang on it and end with it. Of them
 * only hashes are kept, and attributes are sealed under what is hashed. kind is code, access or
 * refresh; a code or refresh token that was used stays until it would have expired, so that its
 * second use is seen.
 */
static const char token_v1[] =
    "CREATE TABLE access_grant ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL,"
    " sub TEXT,"
    " scopes INTEGER NOT NULL,"
    " nonce TEXT,"
    " auth_time INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " ended INTEGER NOT NULL) STRICT;"

    "CREATE INDEX access_grant_expiry ON access_grant (expires_at);"

    "CREATE TABLE token ("
    " hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),"
    " kind TEXT NOT NULL,"
    " grant_id TEXT NOT NULL REFERENCES access_grant (id) ON DELETE CASCADE,"
    " scopes INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " used INTEGER NOT NULL,"
    " redirect_uri TEXT,"
    " challenge TEXT,"
    " attributes BLOB) STRICT, WITHOUT ROWID;"

    "CREATE INDEX token_grant ON token (grant_id);"
    "CREATE INDEX token_expiry ON token (expires_at);";

/*
 * What relying parties want signed. outcome is open, signed or denied; certificate is encrypted to
 * the platform. The document goes when it is no longer needed.
 */
static const char signing_v1[] = "CREATE TABLE signing ("
                                 " id TEXT NOT NULL PRIMARY KEY,"
                                 " session TEXT NOT NULL UNIQUE,"
                                 " client_id TEXT NOT NULL,"
                                 " platform TEXT NOT NULL,"
                                 " title TEXT NOT NULL,"
                                 " text BLOB,"
                                 " digest BLOB NOT NULL CHECK (length(digest) = 32),"
                                 " bare INTEGER NOT NULL,"
                                 " has_document INTEGER NOT NULL,"
                                 " document BLOB,"
                                 " code TEXT NOT NULL,"
                                 " wrong_codes INTEGER NOT NULL,"
                                 " expires_at INTEGER NOT NULL,"
                                 " outcome TEXT NOT NULL,"
                                 " certificate BLOB,"
                                 " signature BLOB) STRICT;"

                                 "CREATE INDEX signing_expiry ON signing (expires_at);"
                                 "CREATE INDEX signing_client ON signing (client_id);";

/*
 * What a browser may show to the same client instead of a card. sid is what all grants of one
 * session are called by, and each grant without a session by itself; hash is that of the cookie.
 */
static const char session_v1[] =
    "ALTER TABLE access_grant ADD COLUMN sid TEXT;"
    "UPDATE access_grant SET sid = id;"
    "CREATE INDEX access_grant_sid ON access_grant (sid);"

    "CREATE TABLE browser_session ("
    " hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),"
    " sid TEXT NOT NULL,"
    " client_id TEXT NOT NULL,"
    " sub TEXT NOT NULL,"
    " auth_time INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE INDEX browser_session_sid ON browser_session (sid);"
    "CREATE INDEX browser_session_time ON browser_session (auth_time);";

/*
 * A signing that a browser was sent for: login is the one that it belongs to, NULL as long as it is
 * nobody's; a grant that came of it may fetch the result.
 */
static const char signing_v2[] = "ALTER TABLE signing ADD COLUMN login TEXT;"
                                 "ALTER TABLE access_grant ADD COLUMN signing TEXT;";

/* Keys of tokens: retired_at is NULL while a key is in the configuration. */
static const char token_key_v1[] = "CREATE TABLE token_key ("
                                   " kid TEXT NOT NULL PRIMARY KEY,"
                                   " spki BLOB NOT NULL,"
                                   " retired_at INTEGER) STRICT;";

static const char *const migrations[] = {
    client_v1,  audit_schema_v1, audit_tree_schema_v1, login_v1,     token_v1,
    signing_v1, session_v1,      signing_v2,           token_key_v1, audit_checkpoint_schema_v1,
    NULL};

const struct db_schema authapp_schema = {"authapp", migrations};
