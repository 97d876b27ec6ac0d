/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who, inside of a transaction. Inside this room only. */
#pragma once

#include "audit/audit.h"
#include "exchange/code.h"

/* The number of whom the portal knows by this code, who becomes known with it. */
MUST_CHECK int person_meet(struct db_txn *txn, const struct person_code *portal,
                           const struct audit_origin *by, int64_t *ret, struct err *err);
