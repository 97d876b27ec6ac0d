/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/seal.h"

#include "rpc/content_key.h"

#include <string.h>

int portal_seal_open(const struct portal *portal, const char *compact, struct buf *ret,
                     struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(err_prefix(err, jwe_parse(bytes_text(compact), &jwe, err), "certificate"));
    if (strcmp(jwe.kid.text, portal->seal.kid.text) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the certificate is encrypted to another key; sign again");
    TRY(signer_open(portal->seal.signer, &signer, err));
    TRY(content_key_get(signer, portal->seal.key, &jwe, &key, err));
    return err_prefix(err, jwe_decrypt(&jwe, &key, ret, err), "certificate");
}
