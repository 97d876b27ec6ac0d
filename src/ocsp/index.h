/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about both CAs, in memory: read by all workers, changed by one thread. A change is
 * prepared outside and swapped in whole, so readers wait for a few pointers at most.
 */
#pragma once

#include "ocsp/answer.h"
#include "ocsp/delegates.h"

#include <pthread.h>

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
    struct ocsp_delegates *delegates; /* NULL: nobody was appointed yet */
    pthread_mutex_t changing;         /* held by who makes others out of the delegates */
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

/* Have others answer from now on. The index holds them, and lets go of those before. */
void ocsp_index_appoint(struct ocsp_index *index, struct ocsp_delegates *delegates);
/* Those that answer now, held for the caller; NULL if there are none. */
struct ocsp_delegates *ocsp_index_delegates(struct ocsp_index *index);

/*
 * Fill all of it but valid_s and refresh_s. It stays as it is until ocsp_index_release, which must
 * come soon: changes wait for it.
 */
void ocsp_index_read(struct ocsp_index *index, enum ocsp_ca ca, struct ocsp_knowledge *knowledge);
/* While it is read: let the generation answer that the question is about (ocsp_delegates_choose).
 */
void ocsp_index_choose(const struct ocsp_index *index, enum ocsp_ca ca,
                       const struct ocsp_cert_id *id, struct ocsp_knowledge *knowledge);
void ocsp_index_release(struct ocsp_index *index);
