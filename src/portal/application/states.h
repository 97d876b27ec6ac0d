/* SPDX-License-Identifier: Apache-2.0 */
/* States of applications: inside this sub-room. */
#pragma once

#include "portal/application/store.h"

/* By its name; ERR_INPUT. */
MUST_CHECK int application_state_read(const char *name, enum application_state *ret,
                                      struct err *err);
/* One more step, in the transaction of what made it. */
MUST_CHECK int application_note_step(struct db_txn *txn, const char *id,
                                     enum application_state state, const char *note, int64_t at,
                                     struct err *err);
/* In the signer's log: the municipality has learned what the certificate says. Nothing if there is
 * no signer. */
MUST_CHECK int application_note_signer(struct db_txn *txn, const struct submission *submission,
                                       const char *municipality, const struct audit_origin *by,
                                       struct err *err);
