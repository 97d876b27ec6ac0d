/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/content_key.h"

#include "base/rand.h"

enum { CONTENT_KEY_SIZE = 32 };

int content_key_get(struct signer *signer, const char *name, const struct jwe *jwe,
                    struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret random = SECRET_INIT;
    int rc;

    TRY(secret_new(CONTENT_KEY_SIZE, &random, err));
    TRY(rand_fill(random.ptr, random.len, err));
    rc = signer_unwrap(signer, name, buf_bytes(&jwe->encrypted_key), ret, err);
    if (rc == -ERR_DENIED || rc == -ERR_ABSENT)
        return FAIL(err, ERR_SYSTEM, "signerd has no key \"%s\" for this process", name);
    if (rc != -ERR_UNTRUSTED && rc != -ERR_INPUT)
        return rc;
    *ret = random;
    random = (struct secret)SECRET_INIT;
    return 0;
}
