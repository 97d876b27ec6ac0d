/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the key that a CA has appointed to sign its revocation feed may sign: heads of feeds that
 * name it, and nothing else. Whether the edition was used before is the ledger's business.
 */
#pragma once

#include "revocation/feed_item.h"

/*
 * ERR_INPUT if the head cannot be read, else ERR_UNTRUSTED with one sentence unless the key with
 * this identifier may sign it: it is named in it, signs with RSA, and what it says counts for at
 * most so many hours.
 */
MUST_CHECK int role_feed_check(struct bytes key_id, int64_t hours, struct bytes head,
                               struct feed_head *ret, struct err *err);
