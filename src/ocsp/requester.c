/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/requester.h"

#include "x509/pem.h"

#include <stdlib.h>
#include <string.h>

struct requester {
    struct x509_cert *cert;
    struct buf escaped; /* as nginx escapes it, without a newline at its end */
    unsigned place;
};

struct requesters {
    size_t count;
    struct requester all[REQUESTERS_MAX];
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
    for (size_t i = 0; i < requesters->count; i++) {
        x509_cert_free(requesters->all[i].cert);
        buf_done(&requesters->all[i].escaped);
    }
    free(requesters);
}

void requesters_freep(struct requesters **requesters)
{
    requesters_free(*requesters);
    *requesters = NULL;
}

/* Everything but letters, digits, "-", ".", "_" and "~" as %XX. */
static int escape(struct bytes text, struct buf *ret, struct err *err)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    for (size_t i = 0; i < text.len; i++) {
        if (memchr(plain, text.ptr[i], sizeof plain - 1) != NULL)
            TRY(buf_append_byte(ret, text.ptr[i], err));
        else
            TRY(buf_append_format(ret, err, "%%%02X", text.ptr[i]));
    }
    return 0;
}

/* "%0A" at the end. */
static struct bytes without_newline(struct bytes text)
{
    if (text.len >= 3 && bytes_equal(bytes_part(text, text.len - 3, 3), BYTES_LITERAL("%0A")))
        text.len -= 3;
    return text;
}

int requesters_add(struct requesters *requesters, struct bytes certificate, unsigned place,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    struct requester *requester = &requesters->all[requesters->count];

    if (requesters->count == REQUESTERS_MAX)
        return FAIL(err, ERR_CONFLICT, "more than %d requesters", REQUESTERS_MAX);
    TRY(pem_append(&pem, "CERTIFICATE", certificate, err));
    TRY(escape(buf_bytes(&pem), &escaped, err));
    escaped.len = without_newline(buf_bytes(&escaped)).len;
    TRY(x509_cert_parse(certificate, &requester->cert, err));
    buf_move(&requester->escaped, &escaped);
    requester->place = place;
    requesters->count++;
    return 0;
}

static const struct requester *find(const struct requesters *requesters, struct bytes der)
{
    for (size_t i = 0; i < requesters->count; i++) {
        if (bytes_equal(x509_cert_der(requesters->all[i].cert), der))
            return &requesters->all[i];
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

static const struct requester *find_that_came_with_it(const struct requesters *requesters,
                                                      const struct claim *claim)
{
    for (size_t i = 0; i < claim->signature->cert_count; i++) {
        const struct requester *found = find(requesters, claim->signature->certs[i]);

        if (found != NULL && is_by(claim, found->cert))
            return found;
    }
    return NULL;
}

static const struct requester *find_of_that_name(const struct requesters *requesters,
                                                 const struct claim *claim, struct bytes name)
{
    for (size_t i = 0; name.len > 0 && i < requesters->count; i++) {
        const struct requester *one = &requesters->all[i];

        if (bytes_equal(x509_cert_tbs(one->cert)->subject, name) && is_by(claim, one->cert))
            return one;
    }
    return NULL;
}

int requesters_check(const struct requesters *requesters, const struct ocsp_request *request,
                     int64_t now, unsigned *ret_place, struct err *err)
{
    struct claim claim = {.signature = &request->signature, .now = now};
    const struct requester *found;

    if (!claim.signature->is_there || claim.signature->digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "not signed, or with SHA-1");
    TRY(digest_compute(claim.signature->digest, request->tbs, &claim.digest, err));
    found = claim.signature->cert_count > 0
                ? find_that_came_with_it(requesters, &claim)
                : find_of_that_name(requesters, &claim, request->requestor);
    if (found == NULL)
        return FAIL(err, ERR_UNTRUSTED, "not signed by a registered requester");
    *ret_place = found->place;
    return 0;
}

/* What is compared is public, and TLS has shown already that whoever sent it has the key. */
int requesters_check_tls(const struct requesters *requesters, const char *certificate, int64_t now,
                         unsigned *ret_place, struct err *err)
{
    const struct bytes text = without_newline(bytes_text(certificate));

    for (size_t i = 0; i < requesters->count; i++) {
        const struct requester *one = &requesters->all[i];

        if (!bytes_equal(buf_bytes(&one->escaped), text) || !is_valid_at(one->cert, now))
            continue;
        *ret_place = one->place;
        return 0;
    }
    return FAIL(err, ERR_UNTRUSTED, "not the certificate of a registered requester");
}
