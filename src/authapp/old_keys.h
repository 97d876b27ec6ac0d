/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of tokens that were replaced: what is known of them is in the database, so they may be taken
 * out of the configuration, and from signerd, at once. Inside this room only.
 */
#pragma once

#include "authapp/keys.h"
#include "authapp/store.h"

/*
 * Note the keys of a configuration that is taken now, and add those to them that were there before.
 * An ID token that comes back as a hint is believed as long as what was granted with it could last,
 * so they are kept for that long. ERR_CONFLICT if more than AUTHAPP_OLD_KEYS_MAX are: then nothing
 * is changed.
 */
MUST_CHECK int old_keys_follow(struct authapp_store *store, int64_t now, struct token_keys *keys,
                               struct err *err);
