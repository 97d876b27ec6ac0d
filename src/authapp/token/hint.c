/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/token/hint.h"

#include <string.h>

static int read_claims(const struct authapp *authapp, const struct json *claims, struct hint *ret,
                       struct err *err)
{
    const char *issuer = NULL;

    TRY(json_get_text(claims, "iss", &issuer, err));
    if (strcmp(issuer, authapp->issuer) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a token of another issuer");
    TRY(json_copy_text(claims, "aud", ret->client_id, sizeof ret->client_id, err));
    TRY(json_copy_text(claims, "sub", ret->sub, sizeof ret->sub, err));
    return json_copy_text(claims, "sid", ret->sid, sizeof ret->sid, err);
}

int hint_read(const struct authapp *authapp, const char *text, struct hint *ret, struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct hint hint;

    /* A logout token has the same issuer and another type. */
    if (jws_parse(bytes_text(text), &jws, NULL) < 0 || strcmp(jws.typ, "JWT") != 0 ||
        token_keys_verify(&authapp->keys, &jws, NULL) < 0 ||
        read_claims(authapp, jws.claims, &hint, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "this is no ID token of this provider");
    *ret = hint;
    return 0;
}
