/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All lists that count at one moment, in the order of what they cover. Not changed once it is made:
 * a new state is a new shelf that shares what stayed the same.
 */
#pragma once

#include "verify/crl_kept.h"
#include "verify/crl_status.h"

struct crl_shelf;

/* From where a shelf is made. */
struct crl_stock {
    const struct anchors *anchors;
    const struct crl_limits *limits;
    const char *path; /* NULL: none */
    const struct bytes *memory;
    size_t memory_count;
};

/* before may be NULL; else what is the same as then is shared with it. */
MUST_CHECK int crl_shelf_make(const struct crl_stock *stock, const struct crl_shelf *before,
                              struct crl_shelf **ret, struct err *err);
struct crl_shelf *crl_shelf_share(struct crl_shelf *shelf);
void crl_shelf_free(struct crl_shelf *shelf);
void crl_shelf_freep(struct crl_shelf **shelf);

/* Whether names came or went below the path since, or CAs were added. */
MUST_CHECK int crl_shelf_is_stale(const struct crl_shelf *shelf, const struct crl_stock *stock,
                                  bool *ret, struct err *err);
void crl_shelf_search(const struct crl_shelf *shelf, struct index_search *search);
