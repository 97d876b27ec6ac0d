/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times of what did not happen are 0. sender is the body whose office sent it, empty for the
 * portal. Numbers are never given twice, so a mail that names one is of that one for ever; a notice
 * may go before its mail's row does.
 *
 * mail_address is the one thing here that says who somebody could be: it goes when its owner says
 * so. A mail has no address of its own for that reason. code is what a mail shows to prove an
 * address, until it was handed over. "handed": a server was asked to take it and has not said
 * whether it did (portal/mail/queue.h).
 */
#include "portal/notice/schema.h"

const char portal_notices_v1[] =
    "CREATE TABLE notice ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " account TEXT NOT NULL REFERENCES account (id),"
    " sender TEXT NOT NULL,"
    " topic TEXT NOT NULL,"
    " parameters TEXT NOT NULL,"
    " link TEXT NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL,"
    " read_at INTEGER NOT NULL,"
    " archived_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX notice_account ON notice (account, id);"
    "CREATE INDEX notice_unread ON notice (account) WHERE read_at = 0 AND archived_at = 0;"
    "CREATE INDEX notice_ends ON notice (ends_at);"

    "CREATE TABLE notice_order ("
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " key TEXT NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32)," /* of all that was ordered */
    " at INTEGER NOT NULL,"
    " sent INTEGER NOT NULL,"
    " PRIMARY KEY (municipality, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX notice_order_at ON notice_order (municipality, at);"

    "CREATE TABLE notice_subscription ("
    " account TEXT NOT NULL REFERENCES account (id),"
    " municipality TEXT NOT NULL REFERENCES municipality (code),"
    " event TEXT NOT NULL,"
    " PRIMARY KEY (account, municipality, event)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX notice_subscription_event ON notice_subscription (municipality, event);"

    "CREATE TABLE mail_address ("
    " account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),"
    " address TEXT NOT NULL,"
    " language TEXT NOT NULL CHECK (language IN ('ja', 'en')),"
    " consented_at INTEGER NOT NULL,"
    " confirmed_at INTEGER NOT NULL,"
    " code_hash BLOB CHECK (code_hash IS NULL OR length(code_hash) = 32),"
    " code_at INTEGER NOT NULL,"
    " tries INTEGER NOT NULL) STRICT;"

    "CREATE TABLE mail ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " account TEXT NOT NULL REFERENCES account (id),"
    " notice INTEGER UNIQUE," /* NULL: it shows a code */
    " code TEXT,"
    " state TEXT NOT NULL CHECK (state IN ('waiting', 'handed', 'sent', 'dead')),"
    " tries INTEGER NOT NULL,"
    " due_at INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " why TEXT NOT NULL) STRICT;"
    "CREATE INDEX mail_due ON mail (due_at) WHERE state = 'waiting';"
    "CREATE INDEX mail_account ON mail (account, made_at);"
    "CREATE INDEX mail_made ON mail (made_at);";

/*
 * notice.sender is the id of a notice_sender for what a service or a site sent: letter.h. What was
 * sent is kept as long as its notice, so that a key counts once; the notice may go before.
 */
const char portal_notice_senders_v1[] =
    "CREATE TABLE notice_sender ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL," /* as it was called when it sent last */
    " name_en TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE notice_sent ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " sender TEXT NOT NULL REFERENCES notice_sender (id),"
    " key TEXT NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32)," /* of all that it said, and to whom */
    " account TEXT NOT NULL REFERENCES account (id),"
    " notice INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL,"
    " taken_at INTEGER," /* when its sender took it back */
    " UNIQUE (sender, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX notice_sent_at ON notice_sent (sender, made_at, account);"
    "CREATE INDEX notice_sent_ends ON notice_sent (ends_at);"

    "CREATE TABLE notice_sender_off ("
    " account TEXT NOT NULL REFERENCES account (id),"
    " sender TEXT NOT NULL,"
    " at INTEGER NOT NULL,"
    " PRIMARY KEY (account, sender)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE site_token ("
    " hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),"
    " site TEXT NOT NULL,"
    " ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX site_token_ends ON site_token (ends_at);";
