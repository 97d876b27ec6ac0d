/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where publications are ordered: they are made by a thread of the desk's, so that whoever asks for
 * one need not wait for a nation's lists to the end.
 */
#pragma once

#include "authority/authority.h"

enum {
    CRL_ORDER_WAIT_MS = 15000, /* for lists that are soon made: half of what a request may take */
};

/* authority outlives it. */
MUST_CHECK int crl_desk_new(const struct authority *authority, struct crl_desk **ret,
                            struct err *err);
/* Stops what is at work between two pieces of it; the lists of before stay. NULL is nothing. */
void crl_desk_freep(struct crl_desk **desk);

/*
 * Have all lists published with everything that is revoked up to now. One that is at work when it
 * is asked for is followed by another. Any thread may call.
 */
MUST_CHECK int crl_desk_order(struct crl_desk *desk, const struct audit_origin *by,
                              uint64_t *ret_order, struct err *err);

/* What became of an order. */
struct crl_outcome {
    bool is_over;       /* if not, it goes on */
    unsigned published; /* lists, when it is over */
};
/* A failure is that of the publication. authority_changes rings when it is over. */
MUST_CHECK int crl_desk_look(struct crl_desk *desk, uint64_t order, struct crl_outcome *ret,
                             struct err *err);
