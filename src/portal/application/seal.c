/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/seal.h"

#include "base/rand.h"
#include "crypto/jwe.h"

#include <string.h>

enum { CONTENT_KEY_SIZE = 32 };

/* One that signerd cannot unwrap is replaced by a random one, and fails where it is used. */
static int unwrap(const struct portal *portal, const struct jwe *jwe, struct secret *ret,
                  struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    int rc;

    TRY(signer_open(portal->seal.signer, &signer, err));
    rc = signer_unwrap(signer, portal->seal.key, buf_bytes(&jwe->encrypted_key), ret, err);
    if (rc == -ERR_DENIED || rc == -ERR_ABSENT)
        return FAIL(err, ERR_SYSTEM, "signerd has no key \"%s\" for this process",
                    portal->seal.key);
    if (rc != -ERR_UNTRUSTED && rc != -ERR_INPUT)
        return rc;
    TRY(secret_new(CONTENT_KEY_SIZE, ret, err));
    return rand_fill(ret->ptr, ret->len, err);
}

int portal_seal_open(const struct portal *portal, const char *compact, struct buf *ret,
                     struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;

    TRY(err_prefix(err, jwe_parse(bytes_text(compact), &jwe, err), "certificate"));
    if (strcmp(jwe.kid.text, portal->seal.kid.text) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the certificate is encrypted to another key; sign again");
    TRY(unwrap(portal, &jwe, &key, err));
    return err_prefix(err, jwe_decrypt(&jwe, &key, ret, err), "certificate");
}
