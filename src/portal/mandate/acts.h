/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about mandates share. Inside this subject only. */
#pragma once

#include "portal/mandate/mandate.h"

enum mandate_act { MANDATE_OFFERED, MANDATE_BEGUN, MANDATE_ENDED, MANDATE_USED };
extern const struct audit_act mandate_acts[];
MUST_CHECK int mandate_note(struct db_txn *txn, enum mandate_act act, const char *id,
                            const char *outcome, const struct audit_origin *by, struct err *err);
/* mandate_find in a transaction of the caller's. */
MUST_CHECK int mandate_find_in(struct db_txn *txn, const struct mandate_claim *claim,
                               struct account *ret, struct err *err);
