/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that tokens are signed with. All are published, of each algorithm the first signs. One
 * that was replaced (old_keys.h) signs no more, and is published until the last token that it
 * signed is over.
 */
#pragma once

#include "authapp/limits.h"
#include "crypto/jws.h"
#include "rpc/signer_client.h"

struct token_key {
    char name[RPC_NAME_MAX + 1]; /* at signerd */
    enum jws_alg alg;
    struct pubkey *public;
    struct jwk_thumbprint kid;
    int64_t retired_at; /* when it was replaced; 0: it was not */
};

struct token_keys {
    struct token_key at[AUTHAPP_KEYS_MAX + AUTHAPP_OLD_KEYS_MAX];
    size_t count;
};

/*
 * Ask signerd for the keys of these names, with blanks between. ERR_INPUT for more than
 * AUTHAPP_KEYS_MAX, for a name that is none or of another role, and unless one signs ES256.
 */
MUST_CHECK int token_keys_load(struct signer *signer, const char *names, struct token_keys *ret,
                               struct err *err);
void token_keys_done(struct token_keys *keys);
/* Whether there is a key for this algorithm. */
bool token_keys_has(const struct token_keys *keys, enum jws_alg alg);
/* {"keys": [...]}, those that are published at a moment. */
MUST_CHECK int token_keys_json(const struct token_keys *keys, int64_t now, struct json **ret,
                               struct err *err);
/* What is to be signed, and how. */
struct token_wish {
    enum jws_alg alg;
    const char *typ; /* "JWT", "logout+jwt" */
    const struct json *claims;
};
/*
 * A JWS of it, by the key that signs with alg. ERR_REMOTE if signerd is not there; whatever else it
 * says is nobody's fault outside (ERR_SYSTEM).
 */
MUST_CHECK int token_keys_sign(const struct token_keys *keys, struct signer *signer,
                               const struct token_wish *wish, struct buf *ret, struct err *err);
/* ERR_UNTRUSTED unless one of the keys signed it, also one that is not published any more. */
MUST_CHECK int token_keys_verify(const struct token_keys *keys, const struct jws *jws,
                                 struct err *err);
