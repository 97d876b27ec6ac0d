/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a list as a whole, and what two of them have not in common. */
#pragma once

#include "revocation/crl.h"

struct crl_survey {
    size_t count;
    size_t reasons[CRL_REASONS_];
    uint32_t first_serial, last_serial; /* 0 where there is no entry */
    int64_t first_at, last_at;          /* earliest and latest revocation */
};

/*
 * Walk all entries. ERR_INPUT for a malformed one, and for what RFC 5280 permits but no list of
 * JPKI has: serials that do not ascend, an entry dated after thisUpdate.
 */
MUST_CHECK int crl_look_over(const struct crl *crl, struct crl_survey *ret, struct err *err);

/* An entry that only one of two lists has, or that says something else in the other. */
struct crl_change {
    const struct revocation *before; /* NULL: it was added */
    const struct revocation *after;  /* NULL: it was removed */
};

/* Called for each change; a failure ends the comparison. */
typedef int crl_tell_fn(void *context, const struct crl_change *change, struct err *err);
/*
 * Tell the changes from one list to another, by ascending serial. watch may be NULL. ERR_INPUT for
 * a malformed entry and for serials that do not ascend.
 */
MUST_CHECK int crl_compare(const struct crl *before, const struct crl *after, crl_tell_fn *tell,
                           void *context, const struct crl_watch *watch, struct err *err);

/*
 * The entries of a list, verified before, as a set of at most max; ERR_INPUT as revocation_set_add.
 */
struct revocation_set;
MUST_CHECK int crl_collect(const struct crl *crl, size_t max, struct revocation_set **ret,
                           struct err *err);
