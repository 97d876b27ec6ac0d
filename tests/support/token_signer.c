/* SPDX-License-Identifier: Apache-2.0 */
#include "support/token_signer.h"

#include <stdio.h>
#include <string.h>

struct token_signer token_signer;

struct signer {
    int unused;
};

static struct signer only;

static int check(struct err *err)
{
    return token_signer.is_down ? FAIL(err, ERR_REMOTE, "signerd is not there") : 0;
}

int signer_open(const char *path, struct signer **ret, struct err *err)
{
    (void)path;
    TRY(check(err));
    *ret = &only;
    return 0;
}

void signer_close(struct signer *signer)
{
    (void)signer;
}

void signer_closep(struct signer **signer)
{
    *signer = NULL;
}

void signer_set_deadline(struct signer *signer, int deadline_ms)
{
    (void)signer;
    (void)deadline_ms;
}

static bool is_point(const char *key)
{
    return token_signer.point != NULL && strncmp(key, "agreement", strlen("agreement")) == 0;
}

int signer_public(struct signer *signer, const char *key, struct buf *ret_spki, struct err *err)
{
    bool is_jws = token_signer.jws != NULL && strncmp(key, "jws", strlen("jws")) == 0;

    (void)signer;
    TRY(check(err));
    if (is_point(key))
        return privkey_spki(token_signer.point, ret_spki, err);
    return privkey_spki(is_jws ? token_signer.jws : token_signer.key, ret_spki, err);
}

int signer_unwrap(struct signer *signer, const char *key, struct bytes wrapped, struct secret *ret,
                  struct err *err)
{
    (void)signer;
    TRY(check(err));
    if (token_signer.refusal != ERR_NONE)
        return FAIL(err, token_signer.refusal, "signerd's own sentence about a key");
    if (is_point(key))
        return privkey_agree(token_signer.point, wrapped, ret, err);
    return privkey_unwrap(token_signer.key, wrapped, ret, err);
}

int signer_sign(struct signer *signer, const char *key, enum signer_kind kind, struct bytes tbs,
                struct buf *ret_signature, struct err *err)
{
    struct digest digest;

    (void)signer;
    (void)key;
    TRY(check(err));
    if (token_signer.sign != NULL)
        return token_signer.sign(kind, tbs, ret_signature, err);
    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    if (kind == SIGNER_TOKEN && token_signer.jws != NULL)
        return privkey_sign_jws(token_signer.jws, &digest, ret_signature, err);
    return privkey_sign(token_signer.key, &digest, ret_signature, err);
}

void signer_sign_all(struct signer *signer, struct signer_wish *wishes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wishes[i].rc = signer_sign(signer, wishes[i].key, wishes[i].kind, wishes[i].tbs,
                                   &wishes[i].signature, &wishes[i].err);
}

int signer_status(struct signer *signer, struct signer_status *ret, struct err *err)
{
    (void)signer;
    TRY(check(err));
    *ret = (struct signer_status){.keys = 1};
    return 0;
}

/* No platform has lists signed. */
/* "jws-0" and so on, "rsa", which is for tokens as well, and "seal", which is not. */
int signer_list(struct signer *signer, struct signer_key ret[RPC_KEYS_MAX], size_t *ret_count,
                struct err *err)
{
    enum { NUMBERED = RPC_KEYS_MAX - 2 };

    (void)signer;
    TRY(check(err));
    for (unsigned i = 0; i < NUMBERED; i++) {
        ret[i] = (struct signer_key){"", "jws", "P-256"};
        (void)snprintf(ret[i].name, sizeof ret[i].name, "jws-%u", i);
    }
    ret[NUMBERED] = (struct signer_key){"rsa", "jws", "RSA-2048"};
    ret[NUMBERED + 1] = (struct signer_key){"seal", "token", "RSA-2048"};
    *ret_count = RPC_KEYS_MAX;
    return 0;
}

int signer_list_begin(struct signer *signer, const char *key, struct err *err)
{
    (void)signer;
    (void)key;
    return FAIL(err, ERR_REMOTE, "no lists here");
}

int signer_list_add(struct signer *signer, struct bytes piece, struct err *err)
{
    (void)signer;
    (void)piece;
    return FAIL(err, ERR_REMOTE, "no lists here");
}

int signer_list_end(struct signer *signer, struct buf *ret_signature, struct err *err)
{
    (void)signer;
    (void)ret_signature;
    return FAIL(err, ERR_REMOTE, "no lists here");
}
