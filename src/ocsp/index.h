/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about both CAs, in memory: read by all workers, changed by one thread. A change is
 * prepared outside and swapped in whole, so readers wait for a few pointers at most.
 */
#pragma once

#include "ocsp/answer.h"

#include <pthread.h>

enum ocsp_ca { OCSP_CA_SIGN, OCSP_CA_AUTH, OCSP_CAS_ };

const char *ocsp_ca_name(enum ocsp_ca ca); /* "sign", "auth" */
/* ERR_INPUT for another name. */
MUST_CHECK int ocsp_ca_from_name(const char *name, enum ocsp_ca *ret, struct err *err);

struct ocsp_state {
    struct revocation_set *revoked[OCSP_CAS_]; /* at some time before, */
    struct overlay *recent[OCSP_CAS_];         /* and what has happened since */
    uint32_t issued[OCSP_CAS_];                /* the highest serial number */
    struct gaps gaps[OCSP_CAS_];               /* below it, under which nothing was issued */
    struct serial_runs runs[OCSP_CAS_];        /* by which generations of the CA */
    struct requesters *requesters;
    struct requesters *auth_requesters; /* about auth certificates; NULL: the same ones */
    int64_t confirmed_at;               /* UTC seconds when all this was so; 0: never */
    uint64_t version; /* kept by the index: a later one where an answer may be another */
};

struct ocsp_index {
    pthread_rwlock_t lock;
    struct ocsp_state state;
};

MUST_CHECK int ocsp_index_init(struct ocsp_index *index, struct err *err);
void ocsp_index_done(struct ocsp_index *index);

/*
 * Take a change in. Requesters that are NULL stay as they are, and of each CA recent, unless there
 * is a new set, too. What is not NULL is swapped: *change holds the old ones afterwards.
 */
void ocsp_index_update(struct ocsp_index *index, struct ocsp_state *change);
/* Releases what is in it. */
void ocsp_state_done(struct ocsp_state *state);

/*
 * Fill requesters, revoked, recent, issued, gaps, runs, confirmed_at and version. They stay as they
 * are until ocsp_index_release, which must come soon: changes wait for it.
 */
void ocsp_index_read(struct ocsp_index *index, enum ocsp_ca ca, struct ocsp_knowledge *knowledge);
void ocsp_index_release(struct ocsp_index *index);
