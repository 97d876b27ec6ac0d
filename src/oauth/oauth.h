/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How OAuth 2.0 says no (RFC 6749, 4.1.2.1 and 5.2), how a request shows a token, and what proves a
 * client or a code: the same for whoever is a provider here.
 */
#pragma once

#include "crypto/digest.h"
#include "crypto/jws.h"
#include "http/form.h"

/* An error in OAuth's words; code NULL: none. Both are constants. */
struct oauth_error {
    const char *code; /* "invalid_request" */
    const char *text; /* for whoever wrote the relying party */
};
#define OAUTH_NO_ERROR ((struct oauth_error){NULL, NULL})

/* {"error", "error_description"}; 401 for invalid_client. */
MUST_CHECK int oauth_refuse(struct http_call *call, const struct oauth_error *error,
                            struct err *err);
/* The members of such a body. */
extern const struct http_member oauth_error_members[];
/* The bearer of a request (RFC 6750, 2.1 and 2.2); NULL if there is none. */
const char *oauth_bearer(const struct http_call *call, const struct http_fields *fields);

/* ---- codes ---- */

/*
 * Whether a verifier is that of a challenge by S256 (RFC 7636, 4.6); challenge "": there was none,
 * and a verifier without a challenge is somebody else's code put in its place.
 */
bool oauth_verifier_fits(const char *verifier, const char *challenge);

/* ---- assertions of who a client is (RFC 7523, 3) ---- */

#define OAUTH_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* Who it says it is, alike as "iss" and "sub"; NULL if it does not. */
const char *oauth_assertion_name(const struct jws *jws);
/* For whom it has to be: one of these, ended by NULL; until when it may count. */
struct oauth_assertion_rules {
    const char *audiences[3];
    int64_t now, seconds, skew;
};
/* Its claims but for its name and "jti"; *ret_ends is when it is over. */
struct oauth_error oauth_assertion_check(const struct json *claims,
                                         const struct oauth_assertion_rules *rules,
                                         int64_t *ret_ends);
/* The hash of its "jti", which counts once; ERR_CONFLICT if it has none. */
MUST_CHECK int oauth_assertion_once(const struct json *claims, struct digest *ret, struct err *err);
