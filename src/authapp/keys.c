/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/keys.h"

#include <string.h>

void token_keys_done(struct token_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        pubkey_freep(&keys->at[i].public);
    keys->count = 0;
}

bool token_keys_has(const struct token_keys *keys, enum jws_alg alg)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].alg == alg)
            return true;
    return false;
}

static int load_key(struct signer *signer, struct bytes name, struct token_keys *keys,
                    struct err *err)
{
    struct token_key *key = &keys->at[keys->count];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (keys->count == AUTHAPP_KEYS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d keys for tokens", AUTHAPP_KEYS_MAX);
    if (name.len > RPC_NAME_MAX)
        return FAIL(err, ERR_INPUT, "a key's name of more than %d characters", RPC_NAME_MAX);
    *key = (struct token_key){.public = NULL};
    memcpy(key->name, name.ptr, name.len);
    TRY(signer_public(signer, key->name, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &key->public, err));
    keys->count++;
    TRY(jws_alg_of(pubkey_kind(key->public), &key->alg, err));
    return jwk_thumbprint(key->public, &key->kid, err);
}

/* Another role has a key that could sign, and signerd would refuse it only when it is to. */
static int check_roles(struct signer *signer, const struct token_keys *keys, struct err *err)
{
    struct signer_key known[RPC_KEYS_MAX];
    size_t count = 0;

    TRY(signer_list(signer, known, &count, err));
    for (size_t i = 0; i < keys->count; i++) {
        bool is_fit = false;

        for (size_t k = 0; k < count; k++)
            is_fit |= strcmp(known[k].name, keys->at[i].name) == 0 &&
                      strcmp(known[k].role, "jws") == 0;
        if (!is_fit)
            return FAIL(err, ERR_INPUT, "signerd's key \"%s\" is not for tokens", keys->at[i].name);
    }
    return 0;
}

int token_keys_load(struct signer *signer, const char *names, struct token_keys *ret,
                    struct err *err)
{
    CLEANUP(token_keys_done) struct token_keys keys = {.count = 0};

    while (*names != '\0') {
        size_t len = strcspn(names, " ");

        if (len > 0)
            TRY(load_key(signer, bytes_of(names, len), &keys, err));
        names += len;
        names += strspn(names, " ");
    }
    if (!token_keys_has(&keys, JWS_ES256))
        return FAIL(err, ERR_INPUT, "there is no key on P-256 among those for tokens");
    TRY(check_roles(signer, &keys, err));
    *ret = keys;
    keys.count = 0;
    return 0;
}

/* Requests that were being worked on when it was replaced may have used it a little later. */
static bool is_published(const struct token_key *key, int64_t now)
{
    return key->retired_at == 0 ||
           now <= key->retired_at + AUTHAPP_ID_TOKEN_SECONDS + AUTHAPP_SKEW_SECONDS;
}

int token_keys_json(const struct token_keys *keys, int64_t now, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *set = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < keys->count; i++) {
        struct json *jwk = NULL;

        if (!is_published(&keys->at[i], now))
            continue;
        TRY(jwk_write(keys->at[i].public, JWK_SIGNATURE, &jwk, err));
        TRY(json_add(list, jwk, err));
    }
    TRY(json_put(set, "keys", json_steal(&list), err));
    *ret = json_steal(&set);
    return 0;
}

static const struct token_key *find(const struct token_keys *keys, enum jws_alg alg)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].alg == alg && keys->at[i].retired_at == 0)
            return &keys->at[i];
    return NULL;
}

int token_keys_sign(const struct token_keys *keys, struct signer *signer,
                    const struct token_wish *wish, struct buf *ret, struct err *err)
{
    const struct token_key *key = find(keys, wish->alg);
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    int rc;

    if (key == NULL)
        return FAIL(err, ERR_SYSTEM, "there is no key that signs with %s", jws_alg_name(wish->alg));
    TRY(jws_prepare(wish->alg, wish->typ, key->kid.text, wish->claims, &input, err));
    rc = signer_sign(signer, key->name, SIGNER_TOKEN, buf_bytes(&input), &signature, err);
    if (rc < 0 && rc != -ERR_REMOTE && rc != -ERR_NOMEM)
        return FAIL(err, ERR_SYSTEM, "signerd does not sign a token with key \"%s\"", key->name);
    TRY(rc);
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, err);
}

int token_keys_verify(const struct token_keys *keys, const struct jws *jws, struct err *err)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->at[i].kid.text, jws->kid) == 0)
            return jws_verify(jws, keys->at[i].public, err);
    return FAIL(err, ERR_UNTRUSTED, "a token of another provider, or of a key that is gone");
}
