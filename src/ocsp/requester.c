/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/requester.h"

#include <stdlib.h>

struct requesters {
    size_t count;
    struct x509_cert *certs[REQUESTERS_MAX];
};

int requesters_new(struct requesters **ret, struct err *err)
{
    struct requesters *requesters = calloc(1, sizeof *requesters);

    if (requesters == NULL)
        return FAIL_NOMEM(err);
    *ret = requesters;
    return 0;
}

void requesters_free(struct requesters *requesters)
{
    if (requesters == NULL)
        return;
    for (size_t i = 0; i < requesters->count; i++)
        x509_cert_free(requesters->certs[i]);
    free(requesters);
}

void requesters_freep(struct requesters **requesters)
{
    requesters_free(*requesters);
    *requesters = NULL;
}

int requesters_add(struct requesters *requesters, struct bytes certificate, struct err *err)
{
    if (requesters->count == REQUESTERS_MAX)
        return FAIL(err, ERR_CONFLICT, "more than %d requesters", REQUESTERS_MAX);
    TRY(x509_cert_parse(certificate, &requesters->certs[requesters->count], err));
    requesters->count++;
    return 0;
}

static const struct x509_cert *find(const struct requesters *requesters, struct bytes der)
{
    for (size_t i = 0; i < requesters->count; i++) {
        if (bytes_equal(x509_cert_der(requesters->certs[i]), der))
            return requesters->certs[i];
    }
    return NULL;
}

static bool is_valid_at(const struct x509_cert *cert, int64_t now)
{
    const struct tbs *tbs = x509_cert_tbs(cert);

    return now >= tbs->not_before && now <= tbs->not_after;
}

int requesters_check(const struct requesters *requesters, const struct ocsp_request *request,
                     int64_t now, struct err *err)
{
    const struct ocsp_signature *signature = &request->signature;
    struct digest digest;

    if (!signature->is_there || signature->digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "not signed, or with SHA-1");
    TRY(digest_compute(signature->digest, request->tbs, &digest, err));
    for (size_t i = 0; i < signature->cert_count; i++) {
        const struct x509_cert *cert = find(requesters, signature->certs[i]);

        if (cert != NULL && is_valid_at(cert, now) &&
            pubkey_verify(x509_cert_pubkey(cert), &digest, signature->value, NULL) == 0)
            return 0;
    }
    return FAIL(err, ERR_UNTRUSTED, "not signed by a registered requester");
}
