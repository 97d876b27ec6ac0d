/* SPDX-License-Identifier: Apache-2.0 */
/* What consents and attributes share in the store. Inside this room only. */
#pragma once

#include "authority/consent/consent.h"
#include "db/db.h"

/* Whose consent to what. */
struct consent_place {
    const char *party, *provider, *service, *subject;
};

/* The one that counts at a time or, if none does, the last one. ERR_ABSENT if there was none. */
MUST_CHECK int consent_at(struct db_txn *txn, const struct consent_place *place, int64_t now,
                          struct consent *ret, unsigned *ret_attributes, struct err *err);
/* Whether a party has notice of a service that it has not taken back. */
MUST_CHECK int service_is_open(struct db_txn *txn, const char *party, const char *provider,
                               const char *service, bool *ret, struct err *err);
/* Who signs with a certificate; ERR_UNTRUSTED if it is revoked, over, or nobody's. */
MUST_CHECK int consent_holder(struct db_txn *txn, const struct holder_certificate *holder,
                              int64_t now, char ret[SUBJECT_LEN + 1], struct err *err);
/* Whose a certificate is; ERR_ABSENT if it is nobody's. */
MUST_CHECK int certificate_subject(struct db_txn *txn, enum ca_kind kind, uint32_t serial,
                                   char ret[SUBJECT_LEN + 1], struct err *err);
/* Whether a certificate that was issued is revoked, or past its end. ERR_ABSENT if there is none.
 */
MUST_CHECK int certificate_is_over(struct db_txn *txn, enum ca_kind kind, uint32_t serial,
                                   int64_t now, bool *ret, struct err *err);
