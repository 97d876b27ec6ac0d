/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key of an OpenID provider may sign: ID tokens and logout tokens of its own issuer, good
 * for so long at most, and nothing else that could be taken for a token. So whoever gets into the
 * provider can say no more than that somebody logged in, and no attribute of anybody is signed.
 *
 * Or, what a platform's key may: reports of what it has verified, which have no end, and nothing
 * that could be taken for a token or says more than a verdict (docs/validation-report.md).
 *
 * Or, what a relying party's key may: assertions of who it is (RFC 7523, 3), and nothing about
 * anybody else.
 */
#pragma once

#include "crypto/pubkey.h"

/* What a key signs, as its configuration says it. */
enum jws_tokens { JWS_LOGIN, JWS_REPORT, JWS_ASSERTION, JWS_TOKENS_ };

struct jws_rules {
    const char *issuer; /* "iss" of all that it signs */
    int64_t seconds;    /* from "iat" to "exp" at most */
    enum jws_tokens tokens;
};

/*
 * The signing input of a JWS (RFC 7515, 5.1): ERR_INPUT if it cannot be read; ERR_UNTRUSTED for
 * another algorithm than the key's, a "kid" that is not its thumbprint, a type that is not known
 * here, claims that do not belong to it, another issuer, or times that are too far apart.
 */
MUST_CHECK int role_jws_check(const struct jws_rules *rules, const struct pubkey *key,
                              struct bytes input, struct err *err);
