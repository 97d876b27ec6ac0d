/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/schema.h"

#include "audit/audit.h"
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

static const char *const migrations[] = {
    version_1,       version_2,  version_3, version_4,          version_5,    version_6, version_7,
    audit_schema_v1, devices_v1, events_v1, db_lease_schema_v1, crl_files_v1, NULL};

const struct db_schema authority_schema = {"authority", migrations};
