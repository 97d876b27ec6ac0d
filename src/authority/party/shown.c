/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/party/shown.h"

#include "x509/shown.h"

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
