/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWS (RFC 7515, 7.1) around a JSON object: tokens and assertions. RS256, PS256 and ES256,
 * and nothing else.
 *
 * The header is looked at before anything is believed: no member twice, an "alg" of these, and
 * neither "crit" and "b64" nor "jku", "jwk", "x5u" and "x5c", which lead elsewhere. Others are
 * passed over (RFC 7515, 4): libraries send "x5t" and more. Whose key it is never comes out of the
 * token: the caller has the keys.
 *
 * Signing takes two steps, because the private key is elsewhere (signerd).
 */
#pragma once

#include "base/secret.h"
#include "crypto/jwk.h"
#include "crypto/limits.h"
#include "crypto/privkey.h"

enum jws_alg { JWS_RS256, JWS_PS256, JWS_ES256, JWS_ALGS_ };

/* "RS256", ... */
const char *jws_alg_name(enum jws_alg alg);
/* What a key of this kind signs with here; ERR_INPUT for P-384, which signs no tokens. */
MUST_CHECK int jws_alg_of(enum key_kind kind, enum jws_alg *ret, struct err *err);

struct jws {
    enum jws_alg alg;
    char kid[JWS_NAME_MAX + 1]; /* whose key it claims to be; "" if it says nothing */
    char typ[JWS_NAME_MAX + 1]; /* the same */
    struct bytes input;         /* header and payload as they were sent: what is signed; borrowed */
    struct json *claims;        /* an object; believed only after jws_verify */
    struct buf signature;
};

#define JWS_INIT                                                                                   \
    {                                                                                              \
        JWS_RS256, "", "", {NULL, 0}, NULL, BUF_INIT                                               \
    }

/*
 * ERR_INPUT for everything but the one form: three parts in strict base64url, at most JWS_MAX
 * bytes, such a header, claims that are a JSON object.
 */
MUST_CHECK int jws_parse(struct bytes compact, struct jws *ret, struct err *err);
void jws_done(struct jws *jws);
/* The same without the last part: what somebody wants signed, in whose header there is nothing but
 * "alg", "kid" and "typ". The signature stays empty. */
MUST_CHECK int jws_parse_input(struct bytes input, struct jws *ret, struct err *err);
/*
 * ERR_UNTRUSTED unless it was signed with this key, by the algorithm that the header says, which
 * must be one for keys of its kind.
 */
MUST_CHECK int jws_verify(const struct jws *jws, const struct pubkey *key, struct err *err);

/* What is to be signed: a header with these members and the claims. */
MUST_CHECK int jws_prepare(enum jws_alg alg, const char *typ, const char *kid,
                           const struct json *claims, struct buf *ret_input, struct err *err);
/* The JWS, of what was prepared and its signature as a JWS has it (privkey_sign_jws). */
MUST_CHECK int jws_complete(struct bytes input, struct bytes signature, struct buf *ret,
                            struct err *err);

/*
 * A key that somebody signs tokens with: RSA or P-256, of any "kid" and whatever other members.
 * ERR_INPUT for a private one, one for encryption, one whose "alg" is another than this, or a key
 * of another kind than alg needs.
 */
MUST_CHECK int jws_key_parse(const struct json *jwk, enum jws_alg alg, struct pubkey **ret,
                             struct err *err);
/*
 * 0 if one of the keys of a set {"keys": [...]} signed it: of those with its "kid" if it has one,
 * else of all that could have, at most JWS_TRIES_MAX. ERR_UNTRUSTED otherwise.
 */
MUST_CHECK int jws_verify_set(const struct jws *jws, const struct json *set, struct err *err);

/*
 * A new P-256 key as a private JWK (RFC 7518, 6.2.2), for a relying party that has no key yet: it
 * goes to its owner and is kept nowhere.
 */
MUST_CHECK int jws_key_make(struct secret *ret, struct err *err);
/*
 * The key of such a text, for its owner. ERR_INPUT for anything but a private P-256 key whose "x"
 * and "y" belong to its "d".
 */
MUST_CHECK int jws_key_open(struct bytes text, struct privkey **ret, struct err *err);
