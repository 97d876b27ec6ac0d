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
