/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/web_eid.h"

#include "base/base64.h"
#include "holder/own_cert.h"

#include <string.h>

/* Web eID, authentication token format, version 1.0. */
static const char format[] = "web-eid:1.0";
static const char algorithm[] = "RS256"; /* RFC 7518, 3.3 */

static int check_nonce(const char *nonce, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    size_t len = strnlen(nonce, WEB_EID_NONCE_MAX + 1);

    if (len < WEB_EID_NONCE_MIN || len > WEB_EID_NONCE_MAX ||
        base64_decode(BASE64_PADDED, bytes_text(nonce), &octets, NULL) < 0)
        return FAIL(err, ERR_INPUT, "a nonce of Web eID is %d to %d characters of base64",
                    WEB_EID_NONCE_MIN, WEB_EID_NONCE_MAX);
    return 0;
}

int web_eid_digest(const char *origin, const char *nonce, struct digest *ret, struct err *err)
{
    uint8_t both[2 * 32];
    struct digest part;

    TRY(check_nonce(nonce, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(origin), &part, err));
    memcpy(both, digest_bytes(&part).ptr, 32);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(nonce), &part, err));
    memcpy(both + 32, digest_bytes(&part).ptr, 32);
    return digest_compute(DIGEST_SHA256, BYTES_ARRAY(both), ret, err);
}

static int message_digest(const void *context, const struct x509_cert *cert, struct digest *ret,
                          struct err *err)
{
    const struct web_eid_wish *wish = context;

    TRY(own_cert_check_times(cert, OWN_AUTH, wish->now, err));
    return web_eid_digest(wish->origin, wish->nonce, ret, err);
}

int web_eid_sign(const struct web_eid_wish *wish, struct icc *icc, struct json **ret,
                 struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(json_freep) struct json *token = json_object_new();
    const struct own_message message = {.kind = OWN_AUTH,
                                        .pin = wish->pin,
                                        .may_use_last_try = wish->may_use_last_try,
                                        .digest = message_digest,
                                        .context = wish};

    TRY(check_nonce(wish->nonce, err));
    TRY(own_sign(icc, &message, &cert, &signature, err));
    TRY(json_put_base64(token, "unverifiedCertificate", x509_cert_der(cert), err));
    TRY(json_put_text(token, "algorithm", algorithm, err));
    TRY(json_put_base64(token, "signature", buf_bytes(&signature), err));
    TRY(json_put_text(token, "format", format, err));
    *ret = json_steal(&token);
    return 0;
}
