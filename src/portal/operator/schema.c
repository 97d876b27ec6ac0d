/* SPDX-License-Identifier: Apache-2.0 */
/* Services, what people let them have, and what they asked for. Of secrets only hashes are kept. */
#include "portal/operator/schema.h"

const char portal_operators_v1[] =
    "CREATE TABLE operator_client ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " state TEXT NOT NULL,"
    " certificate BLOB CHECK (certificate IS NULL OR length(certificate) = 32),"
    " metadata BLOB NOT NULL,"
    " secret BLOB NOT NULL CHECK (length(secret) = 32),"
    " reason TEXT NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " changed_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX operator_client_state ON operator_client (state, id);"
    "CREATE UNIQUE INDEX operator_client_certificate ON operator_client (certificate)"
    " WHERE state NOT IN ('refused', 'ended');"

    "CREATE TABLE operator_consent ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client TEXT NOT NULL REFERENCES operator_client (id),"
    " account TEXT NOT NULL REFERENCES account (id),"
    " person INTEGER NOT NULL," /* the exchange's number; 0: it is not needed */
    " api TEXT NOT NULL,"
    " area TEXT NOT NULL,"
    " items TEXT NOT NULL," /* codes with blanks around each */
    " is_period INTEGER NOT NULL CHECK (is_period IN (0, 1)),"
    " made_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL,"
    " ended_at INTEGER," /* before its time */
    " used_at INTEGER) STRICT;"
    "CREATE INDEX operator_consent_account ON operator_consent (account, made_at, id);"

    "CREATE TABLE operator_token ("
    " hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),"
    " kind TEXT NOT NULL,"
    " consent TEXT NOT NULL REFERENCES operator_consent (id),"
    " challenge TEXT NOT NULL,"    /* of a code */
    " redirect_uri TEXT NOT NULL," /* the same */
    " certificate BLOB CHECK (certificate IS NULL OR length(certificate) = 32),"
    " ends_at INTEGER NOT NULL,"
    " is_used INTEGER NOT NULL CHECK (is_used IN (0, 1))) STRICT, WITHOUT ROWID;"
    "CREATE INDEX operator_token_consent ON operator_token (consent);"
    "CREATE INDEX operator_token_ends ON operator_token (ends_at);"

    "CREATE TABLE operator_assertion ("
    " client TEXT NOT NULL,"
    " jti BLOB NOT NULL CHECK (length(jti) = 32),"
    " ends_at INTEGER NOT NULL,"
    " PRIMARY KEY (client, jti)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX operator_assertion_ends ON operator_assertion (ends_at);"

    "CREATE TABLE operator_process ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " consent TEXT NOT NULL REFERENCES operator_consent (id),"
    " year INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " tell_at INTEGER," /* when its end is looked for, to be told; NULL: nobody is told */
    " tries INTEGER NOT NULL) STRICT;"
    "CREATE INDEX operator_process_consent ON operator_process (consent);"
    "CREATE INDEX operator_process_tell ON operator_process (tell_at) WHERE tell_at IS NOT NULL;"

    "CREATE TABLE operator_process_item ("
    " process TEXT NOT NULL REFERENCES operator_process (id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " info TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " question INTEGER REFERENCES exchange_question (id)," /* NULL: it was not asked yet */
    " PRIMARY KEY (process, number)) STRICT, WITHOUT ROWID;";

/* Services of before were decided about without verdicts, and keep what was decided. */
const char portal_operators_v2[] =
    "ALTER TABLE operator_client ADD COLUMN verdicts BLOB;"
    "CREATE INDEX operator_consent_used ON operator_consent (client) WHERE used_at IS NOT NULL;";

/*
 * By which mandate somebody's proxy gave it; NULL: the person did, or it was given before this was
 * noted. No foreign key: a mandate that is over is forgotten before its consents are.
 */
const char portal_operators_v3[] =
    "ALTER TABLE operator_consent ADD COLUMN mandate TEXT;"
    "CREATE INDEX operator_consent_mandate ON operator_consent (mandate)"
    " WHERE mandate IS NOT NULL;";

/*
 * Where an application comes from, while it waits; NULL: it does not, or came before this was
 * noted. What came before counts as confirmed.
 */
const char portal_operators_v4[] =
    "ALTER TABLE operator_client ADD COLUMN requester TEXT;"
    "ALTER TABLE operator_client ADD COLUMN confirmed_at INTEGER;"
    "UPDATE operator_client SET confirmed_at = made_at;"
    "CREATE INDEX operator_client_requester ON operator_client (requester)"
    " WHERE state = 'applied';"
    "CREATE INDEX operator_client_unconfirmed ON operator_client (made_at)"
    " WHERE state = 'applied' AND confirmed_at IS NULL;";
