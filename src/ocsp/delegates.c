/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/delegates.h"

#include "base/caltime.h"
#include "base/file.h"
#include "x509/ocsp.h"

#include <stdlib.h>
#include <string.h>

static const char *const ca_names[OCSP_CAS_] = {[OCSP_CA_SIGN] = "sign", [OCSP_CA_AUTH] = "auth"};

const char *ocsp_ca_name(enum ocsp_ca ca)
{
    return ca_names[ca];
}

int ocsp_ca_from_name(const char *name, enum ocsp_ca *ret, struct err *err)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (strcmp(ca_names[ca], name) == 0) {
            *ret = (enum ocsp_ca)ca;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a CA other than sign and auth");
}

int ocsp_delegates_new(struct ocsp_delegates **ret, struct err *err)
{
    struct ocsp_delegates *delegates = calloc(1, sizeof *delegates);

    if (delegates == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&delegates->holders, 1);
    *ret = delegates;
    return 0;
}

struct ocsp_delegates *ocsp_delegates_hold(struct ocsp_delegates *delegates)
{
    if (delegates != NULL)
        (void)atomic_fetch_add_explicit(&delegates->holders, 1, memory_order_relaxed);
    return delegates;
}

static void delegate_done(struct ocsp_delegate *delegate)
{
    free_text(&delegate->key);
    x509_cert_freep(&delegate->ca);
    x509_cert_freep(&delegate->certificate);
    buf_done(&delegate->tail);
}

void ocsp_delegates_release(struct ocsp_delegates *delegates)
{
    if (delegates == NULL ||
        atomic_fetch_sub_explicit(&delegates->holders, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < delegates->count; i++)
        delegate_done(&delegates->list[i]);
    free(delegates);
}

void ocsp_delegates_releasep(struct ocsp_delegates **delegates)
{
    ocsp_delegates_release(*delegates);
    *delegates = NULL;
}

static int check_office(const struct ocsp_delegate *delegate, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(delegate->certificate);

    TRY(x509_cert_is_issued_by(delegate->certificate, delegate->ca, err));
    if (tbs->is_ca || !tbs_has_purpose(tbs, OID_OCSP_SIGNING))
        return FAIL(err, ERR_UNTRUSTED, "a certificate that is not for OCSP signing");
    if (tbs_find(tbs, OID_OCSP_NOCHECK) == NULL)
        return FAIL(err, ERR_UNTRUSTED, "a responder's certificate without ocsp-nocheck");
    return 0;
}

static int fill(struct ocsp_delegate *delegate, const struct ocsp_appointment *a, struct err *err)
{
    struct digest hash;

    delegate->kind = a->kind;
    delegate->key = strdup(a->key);
    if (delegate->key == NULL)
        return FAIL_NOMEM(err);
    TRY(x509_cert_parse(a->ca, &delegate->ca, err));
    TRY(x509_cert_parse(a->certificate, &delegate->certificate, err));
    TRY(check_office(delegate, err));
    TRY(ocsp_issuer_hashes(DIGEST_SHA1, x509_cert_tbs(delegate->ca), &delegate->sha1.name,
                           &delegate->sha1.key, err));
    TRY(ocsp_issuer_hashes(DIGEST_SHA256, x509_cert_tbs(delegate->ca), &delegate->sha256.name,
                           &delegate->sha256.key, err));
    TRY(ocsp_put_certs(&delegate->tail, a->certificate, err));
    TRY(ocsp_responder_key_hash(x509_cert_tbs(delegate->certificate), &hash, err));
    memcpy(&delegate->key_tag, hash.value, sizeof delegate->key_tag);
    return 0;
}

int ocsp_delegates_add(struct ocsp_delegates *delegates, const struct ocsp_appointment *appointment,
                       struct err *err)
{
    struct ocsp_delegate delegate = {.key = NULL, .tail = BUF_INIT};
    int rc;

    if (delegates->count == OCSP_DELEGATES_MAX)
        return FAIL(err, ERR_CONFLICT, "more than %d responders", OCSP_DELEGATES_MAX);
    rc = fill(&delegate, appointment, err);
    if (rc < 0)
        delegate_done(&delegate);
    else
        delegates->list[delegates->count++] = delegate;
    return rc;
}

const struct ocsp_delegate *ocsp_delegates_find(const struct ocsp_delegates *delegates,
                                                enum ocsp_ca kind)
{
    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        if (delegates->list[i].kind == kind)
            return &delegates->list[i];
    }
    return NULL;
}

static bool is_named(const struct ocsp_delegate *delegate, const struct ocsp_cert_id *id)
{
    const struct ocsp_ca_id *ca = id->alg == DIGEST_SHA1 ? &delegate->sha1 : &delegate->sha256;

    return (id->alg == DIGEST_SHA1 || id->alg == DIGEST_SHA256) &&
           bytes_equal(id->key_hash, digest_bytes(&ca->key)) &&
           bytes_equal(id->name_hash, digest_bytes(&ca->name));
}

const struct ocsp_delegate *ocsp_delegates_choose(const struct ocsp_delegates *delegates,
                                                  enum ocsp_ca kind, const struct ocsp_cert_id *id)
{
    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        if (delegates->list[i].kind == kind && is_named(&delegates->list[i], id))
            return &delegates->list[i];
    }
    return ocsp_delegates_find(delegates, kind);
}

const struct ocsp_delegate *ocsp_delegates_by_key(const struct ocsp_delegates *delegates,
                                                  enum ocsp_ca kind, struct bytes key_id)
{
    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        const struct ocsp_delegate *delegate = &delegates->list[i];

        if (delegate->kind == kind &&
            bytes_equal(x509_cert_tbs(delegate->ca)->subject_key_id, key_id))
            return delegate;
    }
    return NULL;
}

/* ERR_UNTRUSTED unless now (UTC seconds) is within the certificate's time. */
static int ocsp_delegate_check_time(const struct ocsp_delegate *delegate, int64_t now,
                                    struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(delegate->certificate);
    char time[CALTIME_TEXT_SIZE];

    if (now < tbs->not_before) {
        caltime_format(tbs->not_before, 0, time);
        return FAIL(err, ERR_UNTRUSTED, "the %s responder's certificate begins only at %s",
                    ca_names[delegate->kind], time);
    }
    if (now >= tbs->not_after) {
        caltime_format(tbs->not_after, 0, time);
        return FAIL(err, ERR_UNTRUSTED, "the %s responder's certificate has expired at %s",
                    ca_names[delegate->kind], time);
    }
    return 0;
}

static int check_key(const struct ocsp_delegate *delegate, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(signer_public(signer, delegate->key, &spki, err));
    if (!bytes_equal(buf_bytes(&spki), x509_cert_tbs(delegate->certificate)->spki))
        return FAIL(err, ERR_UNTRUSTED,
                    "the %s responder's certificate is not for signerd's key %s",
                    ca_names[delegate->kind], delegate->key);
    return 0;
}

int ocsp_delegates_check(const struct ocsp_delegates *delegates, struct signer *signer, int64_t now,
                         struct err *err)
{
    for (size_t i = 0; i < delegates->count; i++) {
        TRY(ocsp_delegate_check_time(&delegates->list[i], now, err));
        TRY(check_key(&delegates->list[i], signer, err));
    }
    return 0;
}

/* The later one of a delegate's own certificate and those of its CA and key in others. */
static struct bytes latest(const struct ocsp_delegate *own, const struct ocsp_delegates *others)
{
    const struct x509_cert *best = own->certificate;

    for (size_t i = 0; others != NULL && i < others->count; i++) {
        const struct ocsp_delegate *other = &others->list[i];

        if (bytes_equal(x509_cert_der(other->ca), x509_cert_der(own->ca)) &&
            bytes_equal(x509_cert_tbs(other->certificate)->spki,
                        x509_cert_tbs(own->certificate)->spki) &&
            x509_cert_tbs(other->certificate)->not_after > x509_cert_tbs(best)->not_after)
            best = other->certificate;
    }
    return x509_cert_der(best);
}

int ocsp_delegates_merge(const struct ocsp_delegates *delegates,
                         const struct ocsp_delegates *others, struct ocsp_delegates **ret,
                         struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *merged = NULL;

    TRY(ocsp_delegates_new(&merged, err));
    for (size_t i = 0; i < delegates->count; i++) {
        const struct ocsp_delegate *own = &delegates->list[i];
        const struct ocsp_appointment appointment = {own->kind, own->key, x509_cert_der(own->ca),
                                                     latest(own, others)};

        TRY(ocsp_delegates_add(merged, &appointment, err));
    }
    *ret = merged;
    merged = NULL;
    return 0;
}
