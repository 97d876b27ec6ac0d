/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What verifiers pay (pki.md 5, 6, 12), as a table with dates: lines of item, first and last day
 * ("-": open), yen, basis and source with tabs between; '#' begins a comment. Where several rows
 * cover a day the last one counts. A waiver has either an announced end or is only observed, and
 * whether those count is the operator's decision.
 */
#pragma once

#include "authority/limits.h"
#include "base/bytes.h"
#include "base/caltime.h"

enum usage_item {
    USAGE_SIGN_CHECK, /* OCSP */
    USAGE_AUTH_CHECK,
    USAGE_SIGN_LIST, /* lists of revocations */
    USAGE_AUTH_LIST,
    USAGE_ATTRIBUTES, /* a hit */
    USAGE_ITEMS_
};
extern const char *const usage_items[]; /* "sign-check", ... , NULL */

enum fee_basis { FEE_LAW, FEE_ANNOUNCED, FEE_OBSERVED, FEE_BASES_ };

struct fee {
    enum usage_item item;
    struct caldate from, until; /* inclusive; until.year 0: open */
    int64_t yen;
    enum fee_basis basis;
};

struct fees {
    struct fee rows[FEES_MAX];
    size_t count;
    enum fee_basis up_to; /* rows of a later basis do not count */
};

/* ERR_INPUT for the name of no basis. */
MUST_CHECK int fee_basis_read(const char *name, enum fee_basis *ret, struct err *err);
/* ERR_INPUT names the line. */
MUST_CHECK int fees_parse(struct bytes text, enum fee_basis up_to, struct fees *ret,
                          struct err *err);
/* The same from a file of at most FEES_FILE_MAX bytes. */
MUST_CHECK int fees_load(const char *path, enum fee_basis up_to, struct fees *ret, struct err *err);
/* What one costs on a day, in yen; ERR_CONFLICT if no row covers it. */
MUST_CHECK int fees_price(const struct fees *fees, enum usage_item item, struct caldate day,
                          int64_t *ret, struct err *err);
/* ERR_INPUT unless it is "YYYY-MM"; NULL is not. */
MUST_CHECK int fees_month_check(const char *month, struct err *err);
