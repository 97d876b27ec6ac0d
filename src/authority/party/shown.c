/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/party/shown.h"

#include "authority/limits.h"
#include "base/hex.h"

#include <string.h>

static const char field[] = "X-SSL-Client-Cert";

static int proxy_check(const struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;

    if (authority == NULL ||
        !http_peer_is_in(call, authority->proxies.uids, authority->proxies.count))
        return FAIL(err, ERR_DENIED, "only the proxy may ask here");
    return 0;
}

const struct http_access authority_proxy_peer = {
    "proxy", proxy_check,
    "Served on the proxy's Unix socket, to its user ids; the field X-SSL-Client-Cert names the "
    "registered verifier for which it asks."};

/* "%2B" and characters that need no escape. */
static int decode(const char *escaped, struct buf *ret, struct err *err)
{
    for (const char *at = escaped; *at != '\0'; at++) {
        CLEANUP(buf_done) struct buf octet = BUF_INIT;
        char digits[3] = {0};

        if (*at != '%') {
            TRY(buf_append_byte(ret, (uint8_t)*at, err));
            continue;
        }
        if (at[1] == '\0' || at[2] == '\0')
            return FAIL(err, ERR_INPUT, "an escape is cut off");
        memcpy(digits, at + 1, 2);
        TRY(hex_decode(digits, &octet, err));
        TRY(buf_append(ret, buf_bytes(&octet), err));
        at += 2;
    }
    return 0;
}

int shown_read(const char *escaped, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;

    if (strlen(escaped) > SHOWN_MAX)
        return FAIL(err, ERR_INPUT, "more than %d characters", SHOWN_MAX);
    TRY(decode(escaped, &pem, err));
    /* nginx leaves the last one away. */
    if (pem.len > 0 && pem.ptr[pem.len - 1] != '\n')
        TRY(buf_append_byte(&pem, '\n', err));
    TRY(x509_cert_parse_file(buf_bytes(&pem), &certificate, err));
    return buf_append(ret, x509_cert_der(certificate), err);
}

/* Whoever it is, he is told the same. */
static int nobody(struct err *err)
{
    return FAIL(err, ERR_DENIED, "only a registered verifier may have that, by its certificate");
}

static bool is_valid_at(struct bytes der, int64_t now)
{
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    const struct tbs *tbs;

    if (x509_cert_parse(der, &certificate, NULL) < 0)
        return false;
    tbs = x509_cert_tbs(certificate);
    return now >= tbs->not_before && now <= tbs->not_after;
}

int shown_party(const struct http_call *call, struct party *ret, struct err *err)
{
    const struct authority *authority = call->context;
    const char *escaped = http_header(&call->request, field);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct party party;
    int rc;

    if (escaped == NULL || *escaped == '\0' || shown_read(escaped, &der, NULL) < 0 ||
        !is_valid_at(buf_bytes(&der), clock_now(authority->clock)))
        return nobody(err);
    rc = authority_find_party(authority->store, buf_bytes(&der), &party, err);
    if (rc == -ERR_ABSENT)
        return nobody(err);
    TRY(rc);
    *ret = party;
    return 0;
}
