/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mandates that a municipality records: of whom, and that both read of it in their logs. Inside
 * this room only.
 */
#pragma once

#include "exchange/civil.h"
#include "portal/mandate/mandate.h"
#include "portal/portal.h"

/*
 * The account of whom a body of the exchange knows by this code, made if there is none: a child
 * does not log in. ERR_ABSENT if the exchange knows nobody by it, ERR_REMOTE if there is none.
 */
MUST_CHECK int mandate_account(const struct portal *portal, const char *body,
                               const struct person_code *code, const struct audit_origin *by,
                               char ret[PORTAL_ID_SIZE], struct err *err);
/*
 * Whom a municipality has in its own register by name and birthday, which is noted there.
 * ERR_ABSENT; ERR_CONFLICT if it is more than one; ERR_REMOTE without registers.
 */
MUST_CHECK int mandate_find_resident(const struct portal *portal, const struct civil_search *search,
                                     const struct audit_origin *by, struct person_code *ret,
                                     struct err *err);

enum mandate_step { MANDATE_RECORDED, MANDATE_CANCELLED };
/* What both sides of one that a municipality recorded read of it. */
MUST_CHECK int mandate_tell_law(struct db_txn *txn, const char *id, enum mandate_step step,
                                const struct audit_origin *by, struct err *err);
