/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite store share. */
#pragma once

#include "authority/crl/progress.h"
#include "authority/store.h"
#include "db/db.h"
#include "http/bell.h"

#include <pthread.h>

enum { SHELF_PLACES = 16 };

/* A list that was taken out of the database to be sent (crl/shelf.c). */
struct shelf_place {
    char name[CRL_NAME_MAX + 1];
    int fd;       /* -1: the place is free */
    int64_t file; /* which bytes they are */
    size_t size;
    uint64_t used; /* when last, in uses of the shelf */
};

struct shelf {
    pthread_mutex_t lock;
    struct shelf_place places[SHELF_PLACES];
    uint64_t uses;
};

void shelf_init(struct shelf *shelf);
void shelf_done(struct shelf *shelf);

struct authority_store {
    struct db *db;
    char *folder;             /* that the database lies in */
    struct http_bell changes; /* rung after each event */
    struct shelf shelf;
    struct crl_work work;
};

/*
 * The condition that a row of certificate is for the key with this digest, by the index
 * certificate_key; in older rows the digest stands alone. Nothing but the transactions that add
 * rows sees to it that there is one at most.
 */
#define CERTIFICATE_HAS_KEY(digest)                                                                \
    "substr(key, -32, 5) = substr(" digest ", 1, 5) AND substr(key, -32) = " digest

/* Where the bytes of a published list are, and in how many parts (optional). */
MUST_CHECK int crl_find_file(struct authority_store *store, const char *name, int64_t *ret_file,
                             int64_t *ret_parts, struct err *err);

/* A party, wherever it stands; ERR_ABSENT if there is none of that name. */
struct party;
MUST_CHECK int party_read(struct db_txn *txn, const char *name, struct party *ret, struct err *err);

/*
 * Take the next serial number of a CA, for what a generation of it issues; a number that was given
 * back goes first.
 */
MUST_CHECK int serial_take(struct db_txn *txn, enum ca_kind kind, unsigned generation,
                           uint32_t *ret, struct err *err);
/* From now on a number that was just taken is of that generation. */
MUST_CHECK int serial_run_note(struct db_txn *txn, enum ca_kind kind, uint32_t serial,
                               unsigned generation, struct err *err);

/* The highest number of an event given so far, 0 before the first. */
MUST_CHECK int revocation_last_number(struct db_txn *txn, uint64_t *ret, struct err *err);

/*
 * Revoke for ever what is not, or is on hold, as part of a transaction; event has all but its
 * number. What is revoked already stays as it is. The caller rings the bell after the commit.
 */
MUST_CHECK int revocation_put(struct db_txn *txn, const char *request_id, struct revoked *event,
                              const struct audit_origin *by, struct err *err);
/* Of a revocation that was just put: the phones that were enrolled by that certificate end, too. */
MUST_CHECK int phone_ends_with_card(struct db_txn *txn, const struct revoked *event,
                                    const struct audit_origin *by, struct err *err);
