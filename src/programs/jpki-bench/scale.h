/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operations of the authority and of a responder cost when a nation of a size is in their
 * tables. One of these is one size; several are there at once, so that rounds can take turns.
 */
#pragma once

#include "authority/store.h"
#include "ocsp/index.h"

enum scale_operation {
    SCALE_ISSUE,  /* reserve and complete, durable, many at once; without signing */
    SCALE_REVOKE, /* durable */
    SCALE_VERIFY, /* two signatures, one of a key never seen before, and whether it is revoked */
    SCALE_CRL,    /* an entry of a list, written and hashed */
    SCALE_OCSP,   /* an answer of the authority with one revocation, read and taken in */
    SCALE_OPERATIONS_
};

/* Of one operation, in microseconds. */
struct scale_cost {
    double processor_us; /* whoever else wants one */
    /* Of the first two: */
    double clock_us; /* with what the disk takes */
    double read_kb;  /* of the database, from the disk or the system's memory */
};

struct scale_site {
    uint64_t people;
    /* NULL: the disk is too small, and the first two operations are not measured. */
    struct authority_store *store;
    uint64_t done; /* operations on the store, so that each gets rows of its own */
    struct revocation_set *revoked[OCSP_CAS_];
    const struct scale_signature *signature; /* borrowed */
};

/* Something signed, to be verified. */
struct scale_signature {
    struct buf spki, signature;
    struct digest digest;
};

/* By openssl. */
MUST_CHECK int scale_signature_make(struct scale_signature *ret, struct err *err);
void scale_signature_done(struct scale_signature *signature);

#define SCALE_SITE_INIT                                                                            \
    {                                                                                              \
        .people = 0                                                                                \
    }

/* Serial number of the first certificate; one in so many is revoked from the beginning. */
enum {
    SCALE_FIRST = 2,
    SCALE_REVOKED_EACH = 20,
    SCALE_CACHE_MB = 1024, /* of each store: database_cache_mb of jpki-authorityd(8) */
};
/*
 * Open the store that is kept in dir for so many people. If there is none it is made, in bulk:
 * without requests, signatures or audit records, with contents of a byte. ERR_ABSENT, and said on
 * standard error, if the disk has no room for it.
 */
MUST_CHECK int scale_store_get(struct scale_site *site, const char *dir, struct err *err);
/* Make the sets of revocations of a nation. */
MUST_CHECK int scale_sets_make(struct scale_site *site, struct err *err);
void scale_site_done(struct scale_site *site);

/* Those of a store, and of sets. */
MUST_CHECK int scale_store_issue(struct scale_site *site, struct scale_cost *ret, struct err *err);
MUST_CHECK int scale_store_revoke(struct scale_site *site, struct scale_cost *ret, struct err *err);
MUST_CHECK int scale_sets_verify(struct scale_site *site, struct scale_cost *ret, struct err *err);
MUST_CHECK int scale_sets_crl(struct scale_site *site, struct scale_cost *ret, struct err *err);
MUST_CHECK int scale_sets_ocsp(struct scale_site *site, struct scale_cost *ret, struct err *err);
