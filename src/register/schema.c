/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Individual numbers have a table of their own: a query about residents cannot bring one along by
 * accident, and what reads the table is easily found. Its uses are recorded beside it.
 */
#include "register/schema.h"

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"

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

/*
 * A card may have had several requests of a kind; one of them counts. Table issue is made anew,
 * because SQLite cannot take a constraint off a table.
 */
static const char version_2[] =
    "CREATE TABLE issue_2 ("
    " request_id TEXT NOT NULL PRIMARY KEY,"
    " card TEXT NOT NULL REFERENCES card (serial),"
    " kind TEXT NOT NULL CHECK (kind IN ('sign', 'auth')),"
    " request BLOB NOT NULL,"
    " requested_at INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " certificate BLOB,"
    " ca_certificate BLOB,"
    " replaced_at INTEGER," /* no longer counts: revoked or about to be */
    " CHECK ((certificate IS NULL) = (ca_certificate IS NULL))) STRICT;"

    "INSERT INTO issue_2 SELECT request_id, card, kind, request, requested_at, not_after,"
    " certificate, ca_certificate, NULL FROM issue;"
    "DROP TABLE issue;"
    "ALTER TABLE issue_2 RENAME TO issue;"
    "CREATE UNIQUE INDEX issue_current ON issue (card, kind) WHERE replaced_at IS NULL;"

    "CREATE TABLE move ("
    " request_id TEXT NOT NULL PRIMARY KEY,"
    " resident TEXT NOT NULL REFERENCES resident (id),"
    " address TEXT NOT NULL,"
    " address_substitutes TEXT NOT NULL,"
    " municipality TEXT NOT NULL CHECK (length(municipality) = 5),"
    " moved_at INTEGER NOT NULL) STRICT;"

    /* Orders for the authority; each stays pending until it has answered. */
    "CREATE TABLE revocation ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " request_id TEXT NOT NULL UNIQUE,"
    " move TEXT NOT NULL UNIQUE REFERENCES move (request_id),"
    " kind TEXT NOT NULL,"
    " serial INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " ordered_at INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused'))) STRICT;"

    "CREATE INDEX revocation_pending ON revocation (id) WHERE state = 'pending';";

/*
 * Where numbers are nobody's, a resident may have further cards, and a move then revokes the sign
 * certificate of each. SQLite cannot take constraints off tables; those of others that refer to
 * them are held to it when all is in its place again.
 */
static const char version_4[] =
    "PRAGMA defer_foreign_keys = ON;"
    "CREATE TABLE card_3 AS SELECT * FROM card;"
    "DROP TABLE card;"
    "CREATE TABLE card ("
    " serial TEXT NOT NULL PRIMARY KEY,"
    " resident TEXT NOT NULL REFERENCES resident (id),"
    " state TEXT NOT NULL CHECK (state IN ('stock', 'issued', 'active')),"
    " security_code TEXT NOT NULL,"
    " window_id TEXT NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " expires_on TEXT NOT NULL,"
    " activated_at INTEGER,"
    " is_further INTEGER NOT NULL CHECK (is_further IN (0, 1))) STRICT;"
    "CREATE UNIQUE INDEX card_own ON card (resident) WHERE is_further = 0;"
    "CREATE INDEX card_of_resident ON card (resident);"
    "INSERT INTO card SELECT serial, resident, state, security_code, window_id, issued_at,"
    " expires_on, activated_at, 0 FROM card_3;"
    "DROP TABLE card_3;"

    "CREATE TABLE revocation_3 AS SELECT * FROM revocation;"
    "DROP TABLE revocation;"
    "CREATE TABLE revocation ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " request_id TEXT NOT NULL UNIQUE,"
    " move TEXT NOT NULL REFERENCES move (request_id),"
    " kind TEXT NOT NULL,"
    " serial INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " ordered_at INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused')),"
    " UNIQUE (move, serial)) STRICT;"
    "CREATE INDEX revocation_pending ON revocation (id) WHERE state = 'pending';"
    "INSERT INTO revocation SELECT id, request_id, move, kind, serial, reason, ordered_at, state"
    " FROM revocation_3;"
    "DROP TABLE revocation_3;";

/*
 * Moves become one kind of act; an act may be done to a card and end certificates of both kinds.
 * Cards have more states, each with its step in the history, of which one card counts and one may
 * be on its way. Whether somebody still lives here, and until when they may, is known.
 */
static const char lifecycle_v1[] =
    "PRAGMA defer_foreign_keys = ON;"
    "ALTER TABLE resident ADD COLUMN standing TEXT NOT NULL DEFAULT 'here'"
    " CHECK (standing IN ('here', 'leaving', 'abroad', 'dead'));"
    "ALTER TABLE resident ADD COLUMN stay_until TEXT;"

    "CREATE TABLE card_4 AS SELECT * FROM card;"
    "DROP TABLE card;"
    "CREATE TABLE card ("
    " serial TEXT NOT NULL PRIMARY KEY,"
    " resident TEXT NOT NULL REFERENCES resident (id),"
    " state TEXT NOT NULL CHECK (state IN ('stock', 'issued', 'active', 'suspended', 'lapsed',"
    " 'expired', 'returned', 'replaced', 'destroyed')),"
    " security_code TEXT NOT NULL,"
    " window_id TEXT NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " expires_on TEXT NOT NULL,"
    " lapses_after TEXT,"
    " activated_at INTEGER,"
    " is_further INTEGER NOT NULL CHECK (is_further IN (0, 1))) STRICT;"
    "INSERT INTO card SELECT serial, resident, state, security_code, window_id, issued_at,"
    " expires_on, NULL, activated_at, is_further FROM card_4;"
    "DROP TABLE card_4;"
    "CREATE UNIQUE INDEX card_counts ON card (resident)"
    " WHERE is_further = 0 AND state IN ('active', 'suspended');"
    "CREATE UNIQUE INDEX card_coming ON card (resident)"
    " WHERE is_further = 0 AND state IN ('stock', 'issued');"
    "CREATE INDEX card_of_resident ON card (resident);"
    "CREATE INDEX card_expires ON card (expires_on)"
    " WHERE state IN ('stock', 'issued', 'active', 'suspended');"
    "CREATE INDEX card_lapses ON card (lapses_after)"
    " WHERE state IN ('stock', 'issued', 'active', 'suspended');"

    "CREATE TABLE act ("
    " request_id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " resident TEXT REFERENCES resident (id),"
    " card TEXT REFERENCES card (serial),"
    " details TEXT NOT NULL," /* what was told, one 'name=value' a line */
    " done_at INTEGER NOT NULL,"
    " CHECK ((resident IS NULL) <> (card IS NULL))) STRICT;"
    "INSERT INTO act SELECT request_id, 'move', resident, NULL, 'address=' || address || char(10)"
    " || 'address_substitutes=' || address_substitutes || char(10) || 'municipality='"
    " || municipality || char(10), moved_at FROM move;"

    "CREATE TABLE card_step ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " card TEXT NOT NULL REFERENCES card (serial),"
    " state TEXT NOT NULL,"
    " act TEXT REFERENCES act (request_id)," /* NULL: it was made or handed over */
    " at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX card_steps ON card_step (card);"
    /* When a card came from stock to issued was not kept. */
    "INSERT INTO card_step (card, state, at) SELECT serial, 'stock', issued_at FROM card;"
    "INSERT INTO card_step (card, state, at) SELECT serial, 'active', activated_at FROM card"
    " WHERE activated_at IS NOT NULL;"

    "ALTER TABLE issue ADD COLUMN held_at INTEGER;" /* by a certificateHold */
    "ALTER TABLE issue ADD COLUMN ended_by TEXT REFERENCES act (request_id);"

    "CREATE TABLE revocation_4 AS SELECT * FROM revocation;"
    "DROP TABLE revocation;"
    "DROP TABLE move;"
    "CREATE TABLE revocation ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " request_id TEXT NOT NULL UNIQUE,"
    " act TEXT NOT NULL REFERENCES act (request_id),"
    " kind TEXT NOT NULL,"
    " serial INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " ordered_at INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused')),"
    " UNIQUE (act, kind, serial)) STRICT;"
    "CREATE INDEX revocation_pending ON revocation (id) WHERE state = 'pending';"
    "INSERT INTO revocation SELECT id, request_id, move, kind, serial, reason, ordered_at, state"
    " FROM revocation_4;"
    "DROP TABLE revocation_4;";

/*
 * What the authority knows a person by, so that it can tell which certificates belong together. It
 * is no other name of anything: random, and used nowhere else.
 */
static const char subjects_v1[] =
    "ALTER TABLE resident ADD COLUMN subject TEXT CHECK (length(subject) = 32);"
    "UPDATE resident SET subject = lower(hex(randomblob(16)));"
    "CREATE UNIQUE INDEX resident_subject ON resident (subject);";

/* Which kind of body had a number; it was the municipality, for cards, until now. */
static const char mynumber_bodies_v1[] =
    "ALTER TABLE mynumber_use ADD COLUMN body TEXT NOT NULL DEFAULT 'municipality';";

/* What the register knows of names and addresses beyond what certificates can carry. */
static const char spellings_v1[] =
    "ALTER TABLE resident ADD COLUMN registered_name TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE resident ADD COLUMN registered_address TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE resident ADD COLUMN kana TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE resident ADD COLUMN former_name TEXT NOT NULL DEFAULT '';";

/* Requests are looked for by their card, and those that wait each second. */
static const char issue_indexes_v1[] =
    "CREATE INDEX issue_unanswered ON issue (requested_at) WHERE certificate IS NULL;"
    "CREATE INDEX issue_of_card ON issue (card);";

/*
 * A certificate that will take the place of the one that counts: it is issued, and on the card,
 * before that one ends. What happened to a resident is looked for when a card is written anew.
 */
static const char renewals_v1[] =
    "ALTER TABLE issue ADD COLUMN is_next INTEGER NOT NULL DEFAULT 0 CHECK (is_next IN (0, 1));"
    "DROP INDEX issue_current;"
    "CREATE UNIQUE INDEX issue_current ON issue (card, kind, is_next) WHERE replaced_at IS NULL;"
    "CREATE INDEX act_of_resident ON act (resident) WHERE resident IS NOT NULL;";

/*
 * Clerks, by which card they are known and what they may do since when; and what they signed
 * (docs/decisions/0054). Rows of roles and cards end, they are never changed otherwise.
 */
static const char clerks_v1[] =
    "CREATE TABLE clerk ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " municipality TEXT NOT NULL CHECK (length(municipality) = 5),"
    " counter_window TEXT NOT NULL,"
    " is_blocked INTEGER NOT NULL CHECK (is_blocked IN (0, 1)),"
    " added_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE clerk_role ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " clerk TEXT NOT NULL REFERENCES clerk (id),"
    " role TEXT NOT NULL,"
    " since INTEGER NOT NULL,"
    " until INTEGER) STRICT;"
    "CREATE UNIQUE INDEX clerk_role_now ON clerk_role (clerk, role) WHERE until IS NULL;"

    "CREATE TABLE clerk_card ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " clerk TEXT NOT NULL REFERENCES clerk (id),"
    " sign BLOB NOT NULL CHECK (length(sign) = 32),"
    " auth BLOB NOT NULL CHECK (length(auth) = 32),"
    " issuer TEXT NOT NULL CHECK (length(issuer) = 40),"
    " serial INTEGER NOT NULL,"
    " since INTEGER NOT NULL,"
    " until INTEGER) STRICT;"
    "CREATE UNIQUE INDEX clerk_card_now ON clerk_card (clerk) WHERE until IS NULL;"
    "CREATE UNIQUE INDEX clerk_card_sign ON clerk_card (sign) WHERE until IS NULL;"
    "CREATE UNIQUE INDEX clerk_card_auth ON clerk_card (auth) WHERE until IS NULL;"

    "CREATE TABLE clerk_step ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " clerk TEXT NOT NULL REFERENCES clerk (id),"
    " what TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX clerk_steps ON clerk_step (clerk);"

    "CREATE TABLE bootstrap ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " challenge TEXT NOT NULL CHECK (length(challenge) = 64),"
    " asked_at INTEGER NOT NULL,"
    " done_at INTEGER,"
    " clerk TEXT REFERENCES clerk (id),"
    " CHECK ((clerk IS NULL) = (done_at IS NULL))) STRICT;"

    "CREATE TABLE filing ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " request_id TEXT NOT NULL UNIQUE,"
    " clerk TEXT NOT NULL REFERENCES clerk (id),"
    " issuer TEXT NOT NULL," /* of the certificate that signed it, with its serial and hash */
    " serial INTEGER NOT NULL,"
    " sign BLOB NOT NULL CHECK (length(sign) = 32),"
    " counter TEXT NOT NULL CHECK (length(counter) = 9),"
    " operation TEXT NOT NULL,"
    " path TEXT NOT NULL,"
    " act TEXT," /* request_id of the act it asks for */
    " digest BLOB NOT NULL CHECK (length(digest) = 32),"
    " request BLOB," /* NULL: it holds an individual number, which is kept elsewhere alone */
    " signature BLOB NOT NULL,"
    " received_at INTEGER NOT NULL,"
    " waits_until INTEGER," /* for a second clerk; NULL: for nobody */
    " state TEXT NOT NULL CHECK (state IN ('received', 'pending', 'confirmed', 'done', 'refused',"
    " 'withdrawn', 'expired')),"
    " confirmed_by TEXT REFERENCES clerk (id),"
    " confirmation TEXT," /* request_id of the filing that did */
    " status INTEGER,"
    " answer BLOB,"
    " ended_at INTEGER) STRICT;"
    "CREATE INDEX filing_pending ON filing (number) WHERE state = 'pending';"
    "CREATE INDEX filing_act ON filing (act) WHERE act IS NOT NULL;";

/* Residents of before have none that is known here. */
static const char resident_codes_v1[] =
    "CREATE TABLE resident_code ("
    " resident TEXT NOT NULL PRIMARY KEY REFERENCES resident (id),"
    " digits BLOB NOT NULL UNIQUE CHECK (length(digits) = 11)) STRICT;";

/*
 * What the exchange knows people by (codes.h): the secret as signerd wrapped it, and an index of
 * auth certificates, into which each of them is entered when somebody is looked for.
 */
static const char exchange_codes_v1[] =
    "CREATE TABLE wrapped ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " value BLOB NOT NULL) STRICT;"

    "CREATE TABLE auth_certificate ("
    " issuer TEXT NOT NULL CHECK (length(issuer) = 40),"
    " serial INTEGER NOT NULL,"
    " request_id TEXT NOT NULL UNIQUE REFERENCES issue (request_id),"
    " PRIMARY KEY (issuer, serial)) STRICT, WITHOUT ROWID;"

    "ALTER TABLE issue ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0"
    " CHECK (is_indexed IN (0, 1));"
    "CREATE INDEX issue_unindexed ON issue (request_id)"
    " WHERE certificate IS NOT NULL AND is_indexed = 0;";

/*
 * The index has the sign certificates as well, for whoever has to know whose signature that is:
 * they are entered when they are looked for, as the others were.
 */
static const char indexed_certificates_v1[] =
    "ALTER TABLE auth_certificate RENAME TO indexed_certificate;"
    "UPDATE issue SET is_indexed = 0 WHERE kind = 'sign';";

/* How clerks find people: the day of birth is told by everybody who stands at a counter. */
static const char resident_search_v1[] = "CREATE INDEX resident_birth ON resident (birth, name);";

/*
 * Who came to live somewhere else, for the municipalities' own registers (routes_relocation.c):
 * where the resident lived before, and from which day on here. Told by its number, and kept, as the
 * acts are.
 */
static const char relocations_v1[] =
    "CREATE TABLE relocation ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " resident TEXT NOT NULL REFERENCES resident (id),"
    " left_municipality TEXT NOT NULL CHECK (length(left_municipality) = 5),"
    " left_address TEXT NOT NULL,"
    " municipality TEXT NOT NULL CHECK (length(municipality) = 5),"
    " since TEXT NOT NULL) STRICT;";

/* And who has left without arriving anywhere: "here" is who came. */
static const char relocations_v2[] =
    "ALTER TABLE relocation ADD COLUMN standing TEXT NOT NULL DEFAULT 'here'"
    " CHECK (standing IN ('here', 'leaving', 'abroad', 'dead'));";

static const char *const migrations[] = {version_1,
                                         version_2,
                                         audit_schema_v1,
                                         version_4,
                                         lifecycle_v1,
                                         subjects_v1,
                                         mynumber_bodies_v1,
                                         spellings_v1,
                                         issue_indexes_v1,
                                         audit_tree_schema_v1,
                                         renewals_v1,
                                         clerks_v1,
                                         audit_checkpoint_schema_v1,
                                         resident_codes_v1,
                                         exchange_codes_v1,
                                         indexed_certificates_v1,
                                         resident_search_v1,
                                         relocations_v1,
                                         relocations_v2,
                                         NULL};

const struct db_schema register_schema = {"register", migrations};
