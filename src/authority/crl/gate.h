/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before publication: what a new list must be, seen from its bytes alone, and what it may
 * not have lost of the one before. A list that does not pass is not published, and none that was
 * to be published with it.
 */
#pragma once

#include "revocation/crl.h"
#include "x509/cert.h"

/* What a list was meant to be. */
struct gate_terms {
    const struct x509_cert *ca;
    struct bytes point; /* empty: the list of all that the CA has issued */
    enum crl_scope scope;
    uint64_t number, number_before; /* its number, and that of the list before; 0: none */
    int64_t this_update, next_update;
    int64_t now;
    const struct revocation_source *entries;
    const struct crl_watch *watch; /* NULL: to the end */
};

/*
 * ERR_CONFLICT, with what is wrong, unless the list is what it was meant to be: issuer, key,
 * number, place, dates, the CA's signature, and exactly these entries in order. A failure of the
 * watch is told as it is.
 */
MUST_CHECK int gate_check(const struct crl *crl, const struct gate_terms *terms, struct err *err);

/* Whether an entry of the list before may be missing in the new one. */
struct gate_leave {
    int (*may)(const void *context, uint32_t serial, bool *ret, struct err *err);
    const void *context;
    const struct crl_watch *watch; /* NULL: to the end */
};
/*
 * ERR_CONFLICT if the new list has lost an entry that may not leave, or says something else of one
 * than that a hold became final.
 */
MUST_CHECK int gate_compare(const struct crl *before, const struct crl *after,
                            const struct gate_leave *leave, struct err *err);
