/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenID provider at which people log in: what it says of itself (Discovery 1.0), what it gives
 * for a code, and whether a token is its own. Inside this room only.
 */
#pragma once

#include "fetch/limits.h"
#include "portal/portal.h"

/* Addresses, all of them at the issuer's origin. */
struct provider {
    char authorization[FETCH_URI_MAX + 1], token[FETCH_URI_MAX + 1];
    char keys[FETCH_URI_MAX + 1], logout[FETCH_URI_MAX + 1];
};
/* What was read, for PORTAL_PROVIDER_SECONDS. Any thread may call. */
struct provider_cache;
MUST_CHECK int provider_cache_new(struct provider_cache **ret, struct err *err);
void provider_cache_freep(struct provider_cache **cache);

/* ERR_REMOTE if it does not say, or calls itself something else. */
MUST_CHECK int provider_get(const struct portal *portal, struct provider *ret, struct err *err);
/*
 * The ID token for a code. ERR_UNTRUSTED if the provider refuses it, ERR_REMOTE if it cannot be
 * asked, or signerd cannot.
 */
MUST_CHECK int provider_redeem(const struct portal *portal, struct signer *signer, const char *code,
                               const char *verifier, struct buf *ret_id_token, struct err *err);
/*
 * An access token by the portal's own credentials, to have people sign (RFC 6749, 4.4); the same
 * one as long as it is good. ERR_REMOTE if the provider gives none.
 */
MUST_CHECK int provider_token(const struct portal *portal, struct signer *signer, struct buf *ret,
                              struct err *err);
/* Where a path of the provider's is asked: at its socket, or at its origin. */
MUST_CHECK int provider_address(const struct portal *portal, const char *path, struct buf *ret,
                                struct err *err);
/*
 * Have what a login granted end there, by its ID token, as a browser would (RP-Initiated
 * Logout 1.0, 2). That is meant for browsers: a provider may ask whoever is in front of one first,
 * and end nothing. ERR_REMOTE if it cannot be asked.
 */
MUST_CHECK int provider_end(const struct portal *portal, const char *id_token, struct err *err);
/*
 * The claims of a token of this type for this portal, which counts now: ERR_UNTRUSTED unless the
 * provider signed it with a key that it publishes, ERR_REMOTE if its keys cannot be had. Claims
 * beside iss, aud, azp, exp and iat are the caller's to check.
 */
MUST_CHECK int provider_check(const struct portal *portal, const char *token, const char *typ,
                              struct json **ret_claims, struct err *err);
