/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log of a process that writes a database (design 6, rule 7): who did what, and when. A
 * record is appended inside the transaction of its act, so neither is there without the other.
 *
 * Records are numbered from 1 without gaps, in the order of their commits. The database itself
 * refuses to change or remove one (schema.c). What an act was done to is not in the log in clear,
 * but as HMAC-SHA-256 of its kind and identifier under a random salt: whoever knows the identifier
 * and is given the salt can prove that a record is about it. The salt is not part of what is
 * hashed, and may be removed when nobody should be able to prove that any more.
 *
 * Each record has the hash that it will have as a leaf of a Merkle tree (RFC 9162, 2.1.1): SHA-256
 * of 0x00 and its encoding, which is these fields, each behind its length in four bytes, big
 * endian: "OpenJPKI audit v1", number and time (eight bytes each, big endian), actor, act, kind of
 * subject, commitment (32 bytes), outcome, trace id. Texts that are missing are empty.
 */
#pragma once

#include "audit/limits.h"
#include "base/json.h"
#include "db/db.h"

#include <sys/types.h>

/* The table and what guards it: a migration for the schema of each room that keeps a log. */
extern const char audit_schema_v1[]; /* and audit_tree_schema_v1 behind it (audit/tree.h) */

/* A row of a room's table of acts. */
struct audit_act {
    const char *name;    /* "certificate.issued" */
    const char *subject; /* what it is done to: "certificate" */
};

enum { AUDIT_TRACE_LEN = 32 };

/* Who does something, when, and for which request. */
struct audit_origin {
    int64_t at; /* UTC seconds */
    /* "uid:1000", "tenant:bank", "client:bank", "self"; never anything about a person. */
    char actor[AUDIT_ACTOR_MAX + 1];
    char trace_id[AUDIT_TRACE_LEN + 1]; /* empty: no request */
};

/* trace_id may be NULL. A name that is too long is refused by audit_append. */
struct audit_origin audit_by_uid(int64_t at, uid_t uid, const char *trace_id);
/* "ROLE:NAME"; role "" gives the name alone. */
struct audit_origin audit_by_role(int64_t at, const char *role, const char *name,
                                  const char *trace_id);
/* The process that keeps the log, of its own accord. */
struct audit_origin audit_by_self(int64_t at);

/* An act, as it is done. */
struct audit_event {
    const struct audit_act *act;
    struct bytes subject; /* its identifier */
    const char *outcome;  /* words of the program's own, NULL: none */
};

/*
 * Append a record to the log, in a transaction that writes. ERR_USAGE without an origin, and for
 * what is empty or longer than limits.h says.
 */
MUST_CHECK int audit_append(struct db_txn *txn, const struct audit_origin *by,
                            const struct audit_event *event, struct err *err);

/*
 * Nobody shall be able to prove any more what a record was about: its salt goes, in a transaction
 * that writes. Record and tree stay as they are. The same once more changes nothing.
 */
MUST_CHECK int audit_remove_salt(struct db_txn *txn, int64_t seq, struct err *err);

/*
 * The records behind a number, as the body of an answer: records (seq, at, actor, act, subject,
 * commitment, outcome, trace_id, leaf; hashes in hexadecimal), last (the number of the last one in
 * it) and more (whether there are others behind). since is decimal digits, NULL: from the first.
 * Salts stay here: a serial number is soon guessed by whoever has the salt.
 *
 * ERR_INPUT if since is no number; ERR_CONFLICT if it was not given yet: whoever asks knows more
 * than this database. ERR_SYSTEM at a record that is not as it was written.
 */
MUST_CHECK int audit_list(struct db *db, const char *since, struct json **ret, struct err *err);
