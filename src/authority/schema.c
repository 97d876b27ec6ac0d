/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/schema.h"

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"
#include "db/db.h"

/* A row has either what is to be signed or the signed certificate, never both. */
static const char version_1[] =
    "CREATE TABLE ca ("
    " kind TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('sign', 'auth')),"
    " tbs BLOB,"
    " certificate BLOB,"
    " next_serial INTEGER NOT NULL CHECK (next_serial BETWEEN 2 AND 4294967296),"
    " CHECK ((tbs IS NULL) <> (certificate IS NULL))) STRICT;"

    "CREATE TABLE certificate ("
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " serial INTEGER NOT NULL CHECK (serial BETWEEN 2 AND 4294967295),"
    " request_id TEXT NOT NULL UNIQUE,"
    " fingerprint BLOB NOT NULL,"
    " key BLOB NOT NULL UNIQUE,"
    " reserved_at INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " tbs BLOB,"
    " certificate BLOB,"
    " PRIMARY KEY (kind, serial),"
    " CHECK ((tbs IS NULL) <> (certificate IS NULL))) STRICT;"

    "CREATE INDEX certificate_pending ON certificate (kind, serial) WHERE certificate IS NULL;"

    /* Numbers whose request was refused: given out before next_serial moves on. */
    "CREATE TABLE free_serial ("
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " serial INTEGER NOT NULL,"
    " PRIMARY KEY (kind, serial)) STRICT;";

/*
 * Numbers follow the order of the commits without a gap, because one transaction writes at a time
 * and takes the next: who has seen number N has seen everything before it.
 */
static const char version_2[] =
    "CREATE TABLE revocation ("
    " number INTEGER PRIMARY KEY CHECK (number > 0),"
    " request_id TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL,"
    " serial INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL,"
    " reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 6),"
    " UNIQUE (kind, serial),"
    " FOREIGN KEY (kind, serial) REFERENCES certificate (kind, serial)) STRICT;";

static const char version_3[] = "CREATE TABLE verifier ("
                                " name TEXT NOT NULL PRIMARY KEY,"
                                " certificate BLOB NOT NULL UNIQUE,"
                                " added_at INTEGER NOT NULL) STRICT;";

/*
 * Lists of revocations, one for each distribution point that certificates name. A certificate's
 * point is NULL until it was looked at, and 0 if it names none.
 */
static const char version_4[] = "CREATE TABLE crl ("
                                " id INTEGER PRIMARY KEY CHECK (id > 0),"
                                " kind TEXT NOT NULL REFERENCES ca (kind),"
                                " point BLOB NOT NULL,"
                                " name TEXT NOT NULL UNIQUE,"
                                " number INTEGER NOT NULL DEFAULT 0,"
                                " this_update INTEGER NOT NULL DEFAULT 0,"
                                " next_update INTEGER NOT NULL DEFAULT 0,"
                                " entries INTEGER NOT NULL DEFAULT 0,"
                                " der BLOB," /* NULL: never published */
                                " UNIQUE (kind, point)) STRICT;"

                                "ALTER TABLE certificate ADD COLUMN point INTEGER;"
                                "CREATE INDEX certificate_pointless ON certificate (kind, serial)"
                                " WHERE point IS NULL AND certificate IS NOT NULL;"

                                "CREATE TABLE crl_number ("
                                " kind TEXT NOT NULL PRIMARY KEY REFERENCES ca (kind),"
                                " last INTEGER NOT NULL) STRICT;";

/*
 * Numbers under which signerd has signed something else, which nobody gets. Earlier versions left
 * no trace of them: they are what neither table of serial numbers has, below next_serial.
 */
static const char version_5[] =
    "CREATE TABLE spent_serial ("
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " serial INTEGER NOT NULL,"
    " PRIMARY KEY (kind, serial)) STRICT;"

    "WITH RECURSIVE used (kind, serial) AS ("
    " SELECT kind, serial FROM certificate UNION ALL SELECT kind, serial FROM free_serial"
    " UNION ALL SELECT kind, 1 FROM ca UNION ALL SELECT kind, next_serial FROM ca),"
    " step (kind, serial, following) AS ("
    " SELECT kind, serial, lead(serial) OVER (PARTITION BY kind ORDER BY serial) FROM used),"
    " hole (kind, serial, last) AS ("
    " SELECT kind, serial + 1, following - 1 FROM step WHERE following > serial + 1"
    " UNION ALL SELECT kind, serial + 1, last FROM hole WHERE serial < last)"
    " INSERT INTO spent_serial SELECT kind, serial FROM hole;";

/*
 * The number of the last revocation that had been made when a list was put together: what is
 * behind it may have changed the list. 0 makes each list look changed, once.
 */
static const char version_6[] = "ALTER TABLE crl ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;";

/* The bytes of a published list, in parts that are short enough for one value (db/limits.h). */
static const char version_7[] = "CREATE TABLE crl_part ("
                                " crl INTEGER NOT NULL REFERENCES crl (id),"
                                " part INTEGER NOT NULL,"
                                " bytes BLOB NOT NULL,"
                                " PRIMARY KEY (crl, part)) STRICT, WITHOUT ROWID;"
                                "INSERT INTO crl_part SELECT id, 0, der FROM crl"
                                " WHERE der IS NOT NULL;"
                                "ALTER TABLE crl DROP COLUMN der;";

/* What carries the keys of a certificate: only a phone's auth certificate may leave a hold. */
static const char devices_v1[] = "ALTER TABLE certificate ADD COLUMN device TEXT NOT NULL"
                                 " DEFAULT 'card' CHECK (device IN ('card', 'phone'));";

/*
 * A certificate that is revoked has its row in revocation, with the number of the event that made
 * it so. Events that have been overtaken are kept here: holds that were lifted or became final,
 * and the releases. Together both tables are the sequence of all events, each number once.
 */
static const char events_v1[] =
    "CREATE TABLE overtaken_event ("
    " number INTEGER PRIMARY KEY CHECK (number > 0),"
    " request_id TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL,"
    " serial INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 6),"
    " is_release INTEGER NOT NULL CHECK (is_release IN (0, 1)),"
    " FOREIGN KEY (kind, serial) REFERENCES certificate (kind, serial)) STRICT;"
    "CREATE INDEX overtaken_event_certificate ON overtaken_event (kind, serial, number);"
    "CREATE VIEW event AS"
    " SELECT number, request_id, kind, serial, revoked_at AS at, reason, 0 AS is_release"
    " FROM revocation UNION ALL"
    " SELECT number, request_id, kind, serial, at, reason, is_release FROM overtaken_event;";

/* Whose a certificate is, in the register's random word for them; NULL: before it said so. */
static const char subjects_v1[] =
    "ALTER TABLE certificate ADD COLUMN subject TEXT CHECK (length(subject) = 32);"
    "CREATE INDEX certificate_subject ON certificate (subject, kind, serial)"
    " WHERE subject IS NOT NULL;";

/*
 * Verifiers as parties. Where one stands follows from its dates. Those of before become active ones
 * of both kinds, which is what they were.
 */
static const char parties_v1[] =
    "CREATE TABLE party ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " title TEXT NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('verifier', 'platform', 'public')),"
    " is_sign INTEGER NOT NULL CHECK (is_sign IN (0, 1)),"
    " is_auth INTEGER NOT NULL CHECK (is_auth IN (0, 1)),"
    " applied_at INTEGER NOT NULL,"
    " certified_at INTEGER,"
    " notified_at INTEGER,"
    " suspended_at INTEGER,"
    " ended_at INTEGER,"
    " CHECK (is_sign + is_auth > 0)) STRICT;"

    "CREATE TABLE party_certificate ("
    " certificate BLOB NOT NULL PRIMARY KEY,"
    " party TEXT NOT NULL REFERENCES party (name),"
    " added_at INTEGER NOT NULL,"
    " retired_at INTEGER) STRICT;"
    "CREATE INDEX party_certificate_party ON party_certificate (party);"

    "CREATE TABLE provider ("
    " party TEXT NOT NULL REFERENCES party (name),"
    " name TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " polling_id TEXT NOT NULL UNIQUE,"
    " notified_at INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " PRIMARY KEY (party, name)) STRICT;"

    "CREATE TABLE service ("
    " party TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " notified_at INTEGER NOT NULL,"
    " PRIMARY KEY (party, provider, name),"
    " FOREIGN KEY (party, provider) REFERENCES provider (party, name)) STRICT;"

    "INSERT INTO party SELECT name, name, 'platform', 1, 1, added_at, added_at, added_at, NULL,"
    " NULL FROM verifier;"
    "INSERT INTO party_certificate SELECT certificate, name, added_at, NULL FROM verifier;"
    "DROP TABLE verifier;";

/* Numbers that came in signed requests, until a request that has one would be too old. */
static const char nonces_v1[] = "CREATE TABLE spent_nonce ("
                                " nonce BLOB NOT NULL PRIMARY KEY,"
                                " until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
                                "CREATE INDEX spent_nonce_until ON spent_nonce (until);";

/*
 * The phones that were enrolled, by the number of the card's sign certificate whose key did it, and
 * the numbers of the certificates they got. A phone's certificate that is not here was never given
 * to anybody.
 */
static const char phones_v1[] = "CREATE TABLE phone ("
                                " request_id TEXT NOT NULL PRIMARY KEY,"
                                " card INTEGER NOT NULL,"
                                " sign INTEGER NOT NULL UNIQUE,"
                                " auth INTEGER NOT NULL UNIQUE,"
                                " enrolled_at INTEGER NOT NULL) STRICT;"
                                "CREATE INDEX phone_card ON phone (card);"
                                "CREATE INDEX certificate_phone ON certificate (kind, serial)"
                                " WHERE device = 'phone';";

/*
 * The bytes of a list belong to a file of their own, which is written while the one before still
 * counts: all lists of a publication change hands in one transaction. What no list points to is
 * left over from a publication that did not end, or is the one before the last.
 */
static const char crl_files_v1[] =
    "CREATE TABLE crl_file ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL," /* of its list, in case that is lost */
    " is_published INTEGER NOT NULL CHECK (is_published IN (0, 1)),"
    " parts INTEGER NOT NULL) STRICT;"
    "INSERT INTO crl_file SELECT l.id, l.name, 1,"
    " (SELECT count(*) FROM crl_part AS p WHERE p.crl = l.id) FROM crl AS l WHERE l.number > 0;"
    "CREATE TABLE crl_file_part ("
    " file INTEGER NOT NULL REFERENCES crl_file (id),"
    " part INTEGER NOT NULL,"
    " bytes BLOB NOT NULL,"
    " PRIMARY KEY (file, part)) STRICT, WITHOUT ROWID;"
    "INSERT INTO crl_file_part SELECT p.crl, p.part, p.bytes FROM crl_part AS p"
    " JOIN crl_file AS f ON f.id = p.crl;"
    "DROP TABLE crl_part;"
    "ALTER TABLE crl ADD COLUMN file INTEGER REFERENCES crl_file (id);"
    "UPDATE crl SET file = id WHERE number > 0;"

    /* How the last publication went, and the last one that failed; one row. */
    "CREATE TABLE crl_publication ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " published_at INTEGER,"
    " failed_at INTEGER," /* NULL: none since then */
    " failure TEXT) STRICT;"
    "INSERT INTO crl_publication VALUES (1, (SELECT max(this_update) FROM crl WHERE number > 0),"
    " NULL, NULL);";

/*
 * What was said of who is revoked, and by which edition: items have parts while somebody may want
 * them, and are remembered a while longer, because from whatever state one was told there is a way
 * on.
 */
static const char feeds_v1[] = "CREATE TABLE feed_edition ("
                               " kind TEXT NOT NULL PRIMARY KEY REFERENCES ca (kind),"
                               " last INTEGER NOT NULL CHECK (last > 0)) STRICT;"

                               "CREATE TABLE feed_item ("
                               " kind TEXT NOT NULL REFERENCES ca (kind),"
                               " edition INTEGER NOT NULL,"
                               " from_digest BLOB," /* NULL: a snapshot */
                               " to_digest BLOB NOT NULL,"
                               " this_update INTEGER NOT NULL,"
                               " PRIMARY KEY (kind, edition)) STRICT;"
                               "CREATE INDEX feed_step ON feed_item (kind, from_digest, edition);"

                               "CREATE TABLE feed_part ("
                               " kind TEXT NOT NULL,"
                               " edition INTEGER NOT NULL,"
                               " part INTEGER NOT NULL,"
                               " bytes BLOB NOT NULL,"
                               " PRIMARY KEY (kind, edition, part),"
                               " FOREIGN KEY (kind, edition) REFERENCES feed_item (kind, edition))"
                               " STRICT, WITHOUT ROWID;";

/* Consents with their evidence, what became of them, and what was handed out because of them. */
static const char consents_v1[] =
    "CREATE TABLE consent ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " digest BLOB NOT NULL UNIQUE,"
    " party TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " service TEXT NOT NULL,"
    " subject TEXT NOT NULL CHECK (length(subject) = 32),"
    " attributes INTEGER NOT NULL CHECK (attributes BETWEEN 1 AND 15),"
    " document BLOB NOT NULL,"
    " signature BLOB NOT NULL,"
    " registered_at INTEGER NOT NULL,"
    " valid_from INTEGER NOT NULL,"
    " valid_until INTEGER NOT NULL,"
    " withdrawn_at INTEGER,"
    " FOREIGN KEY (party, provider, service) REFERENCES service (party, provider, name)) STRICT;"
    "CREATE INDEX consent_subject ON consent (subject);"
    "CREATE INDEX consent_service ON consent (party, provider, service, subject);"

    "CREATE TABLE consent_event ("
    " party TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " number INTEGER NOT NULL CHECK (number > 0),"
    " consent TEXT NOT NULL REFERENCES consent (id),"
    " state TEXT NOT NULL CHECK (state IN ('given', 'withdrawn')),"
    " at INTEGER NOT NULL,"
    " PRIMARY KEY (party, provider, number)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE disclosure ("
    " number INTEGER PRIMARY KEY CHECK (number > 0),"
    " party TEXT NOT NULL REFERENCES party (name),"
    " request_id TEXT NOT NULL,"
    " consent TEXT NOT NULL REFERENCES consent (id),"
    " presented INTEGER NOT NULL," /* numbers of sign certificates: the one that was asked for, */
    " serial INTEGER NOT NULL,"    /* and the newer one */
    " asked INTEGER NOT NULL,"
    " attributes INTEGER NOT NULL CHECK (attributes BETWEEN 1 AND 15),"
    " at INTEGER NOT NULL,"
    " UNIQUE (party, request_id)) STRICT;"
    "CREATE INDEX disclosure_consent ON disclosure (consent);";

/* Counts by day in Japan, and the totals that meters have told. */
static const char usage_v1[] = "CREATE TABLE usage ("
                               " party TEXT NOT NULL REFERENCES party (name),"
                               " day TEXT NOT NULL CHECK (length(day) = 10),"
                               " item TEXT NOT NULL,"
                               " count INTEGER NOT NULL CHECK (count > 0),"
                               " PRIMARY KEY (party, day, item)) STRICT, WITHOUT ROWID;"

                               "CREATE TABLE meter ("
                               " id TEXT NOT NULL PRIMARY KEY,"
                               " number INTEGER NOT NULL,"
                               " digest BLOB NOT NULL) STRICT;"

                               "CREATE TABLE meter_total ("
                               " meter TEXT NOT NULL REFERENCES meter (id),"
                               " party TEXT NOT NULL,"
                               " kind TEXT NOT NULL CHECK (kind IN ('sign', 'auth')),"
                               " total INTEGER NOT NULL,"
                               " PRIMARY KEY (meter, party, kind)) STRICT, WITHOUT ROWID;";

/*
 * A CA has generations: one name, each with its own key. The first is where it always was. Serial
 * numbers are one sequence for all of them, so serial_run says whose a number is: that of the row
 * with the highest first up to it, and the first generation's without one.
 */
static const char generations_v1[] =
    "CREATE TABLE later_ca ("
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " generation INTEGER NOT NULL CHECK (generation BETWEEN 2 AND 9),"
    " serial INTEGER NOT NULL,"
    " issues_from INTEGER NOT NULL," /* what is issued from this moment on is of this one */
    " tbs BLOB,"
    " certificate BLOB,"
    " PRIMARY KEY (kind, generation),"
    " UNIQUE (kind, serial),"
    " CHECK ((tbs IS NULL) <> (certificate IS NULL))) STRICT;"
    "CREATE VIEW ca_generation AS"
    " SELECT kind, 1 AS generation, 1 AS serial, 0 AS issues_from, tbs, certificate FROM ca"
    " UNION ALL SELECT kind, generation, serial, issues_from, tbs, certificate FROM later_ca;"
    "CREATE TABLE serial_run ("
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " first INTEGER NOT NULL,"
    " generation INTEGER NOT NULL,"
    " PRIMARY KEY (kind, first)) STRICT, WITHOUT ROWID;"

    "ALTER TABLE certificate ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE feed_item ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;"

    /* Each generation has its own list for a distribution point. */
    "CREATE TABLE crl_of_generation ("
    " id INTEGER PRIMARY KEY CHECK (id > 0),"
    " kind TEXT NOT NULL REFERENCES ca (kind),"
    " generation INTEGER NOT NULL DEFAULT 1,"
    " point BLOB NOT NULL,"
    " name TEXT NOT NULL UNIQUE,"
    " number INTEGER NOT NULL DEFAULT 0,"
    " this_update INTEGER NOT NULL DEFAULT 0,"
    " next_update INTEGER NOT NULL DEFAULT 0,"
    " entries INTEGER NOT NULL DEFAULT 0,"
    " seen INTEGER NOT NULL DEFAULT 0,"
    " file INTEGER REFERENCES crl_file (id),"
    " UNIQUE (kind, generation, point)) STRICT;"
    "INSERT INTO crl_of_generation SELECT id, kind, 1, point, name, number, this_update,"
    " next_update, entries, seen, file FROM crl;"
    "DROP TABLE crl;"
    "ALTER TABLE crl_of_generation RENAME TO crl;";

/*
 * A phone's auth certificate ends with the card's, which is the newest that its holder had when the
 * phone was enrolled.
 */
static const char phones_v2[] =
    "ALTER TABLE phone ADD COLUMN card_auth INTEGER;"
    "UPDATE phone SET card_auth = (SELECT max(a.serial) FROM certificate AS c"
    " JOIN certificate AS a ON a.subject = c.subject AND a.kind = 'auth' AND a.device = 'card'"
    " WHERE c.kind = 'sign' AND c.serial = phone.card AND a.reserved_at <= phone.enrolled_at);"
    "CREATE INDEX phone_card_auth ON phone (card_auth);";

/* What a signature that is no CMS was made with. */
static const char consents_v2[] = "ALTER TABLE consent ADD COLUMN certificate BLOB;";
/*
 * What is asked for each act is found without a page of its own from all over the table.
 *
 * certificate_status says how a certificate stands, whether or not it is long: in the order of the
 * numbers, so that a new one comes behind the others, and a walk over all revocations reads it from
 * front to back.
 *
 * Digests of keys are as random as anything: certificate_key has the first octets of them, and the
 * row has the rest. From here on the column begins with the number of the certificate
 * (store_sqlite.c), so that the index which came with UNIQUE grows at its end, too.
 */
static const char indexes_v1[] =
    "CREATE INDEX certificate_status ON certificate (kind, serial, generation, point, not_after,"
    " device);"
    "CREATE INDEX certificate_key ON certificate (substr(key, -32, 5));";

static const char *const migrations[] = {version_1,
                                         version_2,
                                         version_3,
                                         version_4,
                                         version_5,
                                         version_6,
                                         version_7,
                                         audit_schema_v1,
                                         devices_v1,
                                         events_v1,
                                         subjects_v1,
                                         parties_v1,
                                         nonces_v1,
                                         phones_v1,
                                         crl_files_v1,
                                         feeds_v1,
                                         consents_v1,
                                         usage_v1,
                                         db_lease_schema_v1,
                                         audit_tree_schema_v1,
                                         generations_v1,
                                         phones_v2,
                                         consents_v2,
                                         indexes_v1,
                                         audit_checkpoint_schema_v1,
                                         NULL};

const struct db_schema authority_schema = {"authority", migrations};
