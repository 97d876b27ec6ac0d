/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of public keys that others publish (RFC 7517, 5), fetched and kept for a while: of relying
 * parties, of OpenID providers. What is in a set is the caller's business. Any thread may call.
 */
#pragma once

#include "base/json.h"

struct jwks_cache;

MUST_CHECK int jwks_cache_new(struct jwks_cache **ret, struct err *err);
void jwks_cache_freep(struct jwks_cache **cache);

/* Where one is. */
struct jwks_place {
    const char *socket; /* as of a fetch_request; NULL: url is absolute */
    const char *url;    /* at most FETCH_URI_MAX characters */
    bool is_public;     /* only at addresses of the Internet at large */
};
/*
 * A copy of the set to try a token with that names this key ("": none). If it names one that is not
 * in what was kept, the set is fetched again, at most once in FETCH_JWKS_PAUSE seconds; none is
 * used for more than FETCH_JWKS_SECONDS. now is UTC seconds. ERR_UNTRUSTED if there is none to be
 * had.
 */
MUST_CHECK int jwks_cache_get(struct jwks_cache *cache, const struct jwks_place *place,
                              const char *kid, int64_t now, struct json **ret, struct err *err);
