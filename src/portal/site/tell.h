/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about sites share. Inside this subject only. */
#pragma once

#include "portal/site/store.h"

enum site_act { SITE_LINKED, SITE_UNLINKED, SITE_SIGNED_ON, SITE_REPLAYED };
/* In the audit log; and where the person reads of it, in the log of the exchange. */
MUST_CHECK int site_note(struct db_txn *txn, enum site_act act, const struct account *whose,
                         const struct site_row *site, const struct audit_origin *by,
                         struct err *err);
/* Whom a site calls so; ERR_ABSENT for another site's name as for none, and for a linkage that has
 * ended. */
MUST_CHECK int site_linkage_whose(struct db_txn *txn, const char *site, const char *sub,
                                  char ret_account[PORTAL_ID_SIZE], struct err *err);
/* site_linkage_get in a transaction of the caller's. */
MUST_CHECK int site_linkage_get_in(struct db_txn *txn, const char *account, const char *site,
                                   struct site_linkage *ret, struct err *err);
