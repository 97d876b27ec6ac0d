/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person is a number and nothing else here; each body has its own code for it. The log has no
 * foreign keys but that one, and is never changed: triggers refuse it.
 */
#include "exchange/schema.h"

const char exchange_schema_v1[] =
    "CREATE TABLE exchange_person ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " since INTEGER NOT NULL) STRICT;"

    "CREATE TABLE exchange_link ("
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " body TEXT NOT NULL,"
    " code BLOB NOT NULL CHECK (length(code) = 16),"
    " PRIMARY KEY (person, body),"
    " UNIQUE (body, code)) STRICT;"

    "CREATE TABLE exchange_question ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " asker TEXT NOT NULL,"
    " key TEXT NOT NULL," /* of the asker: the same question once more has the same */
    " provider TEXT NOT NULL,"
    " info TEXT NOT NULL,"
    " record BLOB NOT NULL CHECK (length(record) = 220),"
    " state INTEGER NOT NULL,"
    " asked_at INTEGER NOT NULL,"
    " next_at INTEGER," /* when it goes on; NULL: it is over */
    " answer_by INTEGER NOT NULL,"
    " answered_at INTEGER,"
    " answer BLOB,"
    " UNIQUE (asker, key)) STRICT;"
    "CREATE INDEX exchange_question_due ON exchange_question (next_at) WHERE next_at IS NOT NULL;"
    "CREATE INDEX exchange_question_open ON exchange_question (provider)"
    " WHERE answered_at IS NULL AND next_at IS NOT NULL;"
    "CREATE INDEX exchange_question_person ON exchange_question (person, asked_at);"

    "CREATE TABLE exchange_outage ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " body TEXT NOT NULL," /* "*": all of it */
    " begins INTEGER NOT NULL,"
    " ends INTEGER NOT NULL,"
    " CHECK (begins < ends)) STRICT;"
    "CREATE INDEX exchange_outage_ends ON exchange_outage (ends);"

    "CREATE TABLE exchange_log ("
    " id INTEGER PRIMARY KEY,"
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " at INTEGER NOT NULL,"
    " what INTEGER NOT NULL,"
    " receiver TEXT NOT NULL,"
    " giver TEXT NOT NULL,"
    " duty TEXT NOT NULL,"
    " procedure TEXT NOT NULL,"
    " info TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " is_hidden INTEGER NOT NULL CHECK (is_hidden IN (0, 1)),"
    " audit INTEGER NOT NULL) STRICT;" /* the number of its record in the audit log */
    /* All that pages and counts without a body need: rows are read for what is shown alone. */
    "CREATE INDEX exchange_log_person ON exchange_log (person, at, id, is_hidden, what);"
    "CREATE TRIGGER exchange_log_change BEFORE UPDATE ON exchange_log"
    " BEGIN SELECT RAISE(ABORT, 'a record of the exchange cannot be changed'); END;"
    "CREATE TRIGGER exchange_log_remove BEFORE DELETE ON exchange_log"
    " BEGIN SELECT RAISE(ABORT, 'a record of the exchange cannot be removed'); END;";

/* Records of before have none, and what the audit log was committed to stays as it was. */
const char exchange_notes_v1[] =
    "ALTER TABLE exchange_log ADD COLUMN told TEXT NOT NULL DEFAULT '';";

/*
 * A record may go when a removal covers it, and a removal covers nothing of the last seven years
 * (2 556 days at least), whoever writes it.
 */
const char exchange_retention_v1[] =
    "CREATE TABLE exchange_removal ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " before INTEGER NOT NULL," /* records of before this moment */
    " CHECK (before <= at - 2556 * 86400)) STRICT;"
    "CREATE INDEX exchange_log_age ON exchange_log (at);"
    "DROP TRIGGER exchange_log_remove;"
    "CREATE TRIGGER exchange_log_remove BEFORE DELETE ON exchange_log"
    " WHEN OLD.at >= (SELECT coalesce(max(before), 0) FROM exchange_removal)"
    " BEGIN SELECT RAISE(ABORT, 'a record of the exchange is kept for seven years'); END;";

/* The same rule for questions, of which none goes that is still open. */
const char exchange_retention_v2[] =
    "CREATE INDEX exchange_question_age ON exchange_question (asked_at) WHERE next_at IS NULL;"
    "CREATE TRIGGER exchange_question_remove BEFORE DELETE ON exchange_question"
    " WHEN OLD.next_at IS NOT NULL"
    " OR OLD.asked_at >= (SELECT coalesce(max(before), 0) FROM exchange_removal)"
    " BEGIN SELECT RAISE(ABORT, 'a question of the exchange is kept for seven years'); END;";

/*
 * A person's records lie side by side and in their order, so that a page is read from one place and
 * not from as many as it has records; whoever writes one had to find the person's place before, in
 * an index.
 */
const char exchange_log_v2[] =
    "CREATE TABLE exchange_log_by_person ("
    " id INTEGER NOT NULL,"
    " person INTEGER NOT NULL REFERENCES exchange_person (id),"
    " at INTEGER NOT NULL,"
    " what INTEGER NOT NULL,"
    " receiver TEXT NOT NULL,"
    " giver TEXT NOT NULL,"
    " duty TEXT NOT NULL,"
    " procedure TEXT NOT NULL,"
    " info TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " is_hidden INTEGER NOT NULL CHECK (is_hidden IN (0, 1)),"
    " audit INTEGER NOT NULL,"
    " told TEXT NOT NULL,"
    " PRIMARY KEY (person, at, id)) STRICT, WITHOUT ROWID;"
    "INSERT INTO exchange_log_by_person"
    " SELECT id, person, at, what, receiver, giver, duty, procedure, info, detail, is_hidden,"
    " audit, told FROM exchange_log ORDER BY person, at, id;"
    "DROP TABLE exchange_log;"
    "ALTER TABLE exchange_log_by_person RENAME TO exchange_log;"
    "CREATE UNIQUE INDEX exchange_log_id ON exchange_log (id);"
    "CREATE INDEX exchange_log_age ON exchange_log (at);"
    "CREATE TRIGGER exchange_log_change BEFORE UPDATE ON exchange_log"
    " BEGIN SELECT RAISE(ABORT, 'a record of the exchange cannot be changed'); END;"
    "CREATE TRIGGER exchange_log_remove BEFORE DELETE ON exchange_log"
    " WHEN OLD.at >= (SELECT coalesce(max(before), 0) FROM exchange_removal)"
    " BEGIN SELECT RAISE(ABORT, 'a record of the exchange is kept for seven years'); END;";
