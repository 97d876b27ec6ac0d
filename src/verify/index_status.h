/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by what is in memory: sets of revoked numbers, each with whose word it is, what it
 * covers and until when it holds. Lists become such sets once (crl_status.h); whoever has a set
 * from elsewhere says who vouched for it.
 */
#pragma once

#include "revocation/set.h"
#include "verify/limits.h"
#include "verify/status.h"

struct revocation_index {
    struct bytes issuer;           /* the whole Name of the CA */
    struct bytes authority_key_id; /* of the CA's key */
    /* SubjectPublicKeyInfo of the key that vouched for it; empty: nobody's did. */
    struct bytes voucher;
    struct bytes point;               /* the whole Name; empty: everything the CA issued */
    int64_t this_update, next_update; /* UTC seconds, both inclusive */
    const struct revocation_set *set; /* may be NULL where nobody vouched */
};

/* A search through several: what stood in the way, and the newest that counts. */
struct index_search {
    const struct status_question *question;
    struct report problems;
    struct status newest;
};

struct index_search index_search_begin(const struct status_question *question);
/* Whether anything can be found at all: sets have short numbers only (revocation/limits.h). */
bool index_search_is_sensible(const struct index_search *search);
/* Nothing happens if it does not cover the certificate. */
void index_search_look(struct index_search *search, const struct revocation_index *index);
/* What status_source.look adds and gives. */
void index_search_end(const struct index_search *search, struct report *report, struct status *ret);

struct index_list {
    const struct revocation_index *indexes;
    size_t count;
};

/* list and what it points to must outlive the source. Several threads may ask it. */
struct status_source index_status_source(const struct index_list *list);
