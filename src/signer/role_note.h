/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keys of logs and witnesses may sign (room note): a log's key checkpoints of that log alone,
 * a witness's that it saw a checkpoint, of logs it was told of. A key of one kind signs nothing
 * that the other would: what a witness signs begins with a word that no checkpoint begins with.
 */
#pragma once

#include "base/bytes.h"

/*
 * ERR_INPUT if it is no checkpoint, else ERR_UNTRUSTED with one sentence unless it is of this
 * origin and says of how many records, from one on, it is. That the log did not shrink or change
 * since is the ledger's business.
 */
MUST_CHECK int role_checkpoint_check(const char *origin, struct bytes text, uint32_t *ret_size,
                                     struct err *err);
/* The same for what a witness signs; origins have blanks or line feeds between. */
MUST_CHECK int role_cosignature_check(const char *origins, struct bytes message, struct err *err);
