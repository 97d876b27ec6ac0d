/* SPDX-License-Identifier: Apache-2.0 */
/* How clients of OAuth 2.0 prove themselves: by assertions (RFC 7523) and by PKCE (RFC 7636). */
#pragma once

#include "crypto/jws.h"

enum {
    ASSERTION_SECONDS = 600, /* for which one is good at most */
    ASSERTION_SKEW = 30,     /* that its maker's clock may be ahead */
    PKCE_VERIFIER_MIN = 43,  /* characters; RFC 7636, 4.1 */
    PKCE_MAX = 128,
};

/* What an assertion is wrong with. */
enum assertion_fault {
    ASSERTION_FINE,
    ASSERTION_LATE,
    ASSERTION_EARLY,
    ASSERTION_FOREIGN,
    ASSERTION_NAMELESS, /* no jti, without which it could be used again */
};
/*
 * Times, audience and jti (RFC 7523, 3): it has to be for one of the audiences, ended by NULL.
 * *ret_ends is until when it is to be known as used. Whether it is signed is the caller's to
 * verify.
 */
enum assertion_fault assertion_judge(const struct json *claims, const char *const *audiences,
                                     int64_t now, int64_t *ret_ends);
/* Who it says it is from and about, which has to be the same; NULL: nobody. */
const char *assertion_client(const struct json *claims);

/* 1 to PKCE_MAX unreserved characters. */
bool pkce_is_challenge(const char *challenge);
/* Whether it may be one of S256: a SHA-256 hash in base64url (RFC 7636, 4.2). */
bool pkce_is_s256(const char *challenge);
/* Whether a verifier is that of a challenge, by S256 (RFC 7636, 4.6). */
bool pkce_fits(const char *verifier, const char *challenge);
