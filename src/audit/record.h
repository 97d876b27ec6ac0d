/* SPDX-License-Identifier: Apache-2.0 */
/* A record as it is stored and hashed. Inside this room only. */
#pragma once

#include "audit/audit.h"
#include "crypto/digest.h"

struct record {
    int64_t seq;
    struct audit_origin by;
    char act[AUDIT_NAME_MAX + 1];
    char subject[AUDIT_NAME_MAX + 1];
    struct digest commitment; /* SHA-256, as the leaf */
    char outcome[AUDIT_OUTCOME_MAX + 1];
    struct digest leaf;
};

/* The leaf that belongs to everything else in the record. */
MUST_CHECK int record_leaf(const struct record *record, struct digest *ret, struct err *err);
/* Decimal digits, as a caller sends them; ERR_INPUT with the name of what they were for. */
MUST_CHECK int record_number(const char *name, const char *text, int64_t *ret, struct err *err);
/* The number of the last record, 0 if there is none. */
MUST_CHECK int record_last(struct db_txn *txn, int64_t *ret, struct err *err);
