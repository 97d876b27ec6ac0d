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

/* What a signature is checked with. */
struct claim {
    const struct ocsp_signature *signature;
    struct digest digest;
    int64_t now;
};

static bool is_by(const struct claim *claim, const struct x509_cert *cert)
{
    return is_valid_at(cert, claim->now) && pubkey_verify(x509_cert_pubkey(cert), &claim->digest,
                                                          claim->signature->value, NULL) == 0;
}

static bool is_by_one_that_came_with_it(const struct requesters *requesters,
                                        const struct claim *claim)
{
    for (size_t i = 0; i < claim->signature->cert_count; i++) {
        const struct x509_cert *cert = find(requesters, claim->signature->certs[i]);

        if (cert != NULL && is_by(claim, cert))
            return true;
    }
    return false;
}

static bool is_by_one_of_that_name(const struct requesters *requesters, const struct claim *claim,
                                   struct bytes name)
{
    for (size_t i = 0; name.len > 0 && i < requesters->count; i++) {
        const struct x509_cert *cert = requesters->certs[i];

        if (bytes_equal(x509_cert_tbs(cert)->subject, name) && is_by(claim, cert))
            return true;
    }
    return false;
}

int requesters_check(const struct requesters *requesters, const struct ocsp_request *request,
                     int64_t now, struct err *err)
{
    struct claim claim = {.signature = &request->signature, .now = now};
    bool is_known;

    if (!claim.signature->is_there || claim.signature->digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "not signed, or with SHA-1");
    TRY(digest_compute(claim.signature->digest, request->tbs, &claim.digest, err));
    is_known = claim.signature->cert_count > 0
                   ? is_by_one_that_came_with_it(requesters, &claim)
                   : is_by_one_of_that_name(requesters, &claim, request->requestor);
    return is_known ? 0 : FAIL(err, ERR_UNTRUSTED, "not signed by a registered requester");
}
