/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing: check, reserve (serial number and to-be-signed bytes in one transaction), have signed,
 * verify, keep, answer. Each step can be repeated after a crash before the next: signerd gives the
 * same signature for the same bytes, and a request id that is known gives its own certificate.
 */
#include "authority/certificate/issue.h"

#include "authority/limits.h"

#include "base/rand.h"
#include "x509/csr.h"
#include "x509/profile.h"

#include <string.h>

enum { SECONDS_PER_DAY = 86400 };

static const enum profile_kind profiles[CA_KINDS_] = {
    [CA_SIGN] = PROFILE_SIGN,
    [CA_AUTH] = PROFILE_AUTH,
};
static const enum profile_kind phone_profiles[CA_KINDS_] = {
    [CA_SIGN] = PROFILE_PHONE_SIGN,
    [CA_AUTH] = PROFILE_PHONE_AUTH,
};

int request_id_check(const char *id, struct err *err)
{
    size_t len = strlen(id);

    if (len == 0 || len > REQUEST_ID_MAX ||
        strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") != len)
        return FAIL(err, ERR_INPUT, "request_id is not 1 to %d letters, digits and hyphens",
                    REQUEST_ID_MAX);
    return 0;
}

/* ERR_INPUT unless it is NULL or SUBJECT_LEN hexadecimal digits, small letters. */
static int subject_id_check(const char *subject, struct err *err)
{
    if (subject != NULL &&
        (strlen(subject) != SUBJECT_LEN || strspn(subject, "0123456789abcdef") != SUBJECT_LEN))
        return FAIL(err, ERR_INPUT, "subject is not %d hexadecimal digits", SUBJECT_LEN);
    return 0;
}

static int time_check(const struct x509_cert *issuer, const struct issue_request *request,
                      int64_t now, struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(issuer);
    int64_t not_after = request->not_after;

    /* Nobody's fault but the machine's: found before a number is taken. */
    if (now < ca->not_before)
        return FAIL(err, ERR_SYSTEM,
                    "the clock is wrong: the CA's own certificate begins later than now");
    if (not_after <= now)
        return FAIL(err, ERR_INPUT, "not_after is over already");
    if (not_after - now > (int64_t)LIFETIME_MAX_DAYS * SECONDS_PER_DAY)
        return FAIL(err, ERR_INPUT, "not_after is more than five years ahead");
    /* pki.md 1.3: certificates end at 23:59:59 in Japan. */
    if ((not_after + JST_OFFSET_SECONDS) % SECONDS_PER_DAY != SECONDS_PER_DAY - 1)
        return FAIL(err, ERR_INPUT, "not_after is not 23:59:59 in Japan");
    if (not_after > ca->not_after)
        return FAIL(err, ERR_CONFLICT, "the CA's own certificate ends before not_after");
    return 0;
}

/* Personal data are in sign certificates and nowhere else. */
static int subject_check(const struct issue_request *request, struct err *err)
{
    if (request->kind == CA_AUTH && (request->holder != NULL || request->municipality != NULL))
        return FAIL(err, ERR_INPUT, "a request for an auth certificate carries no personal data");
    if (request->kind == CA_SIGN && (request->holder == NULL || request->municipality == NULL))
        return FAIL(err, ERR_INPUT, "a request for a sign certificate needs holder, municipality");
    return request->holder == NULL ? 0 : holder_check(request->holder, err);
}

int issue_check_key(struct bytes spki, struct digest *ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    TRY(pubkey_from_spki_rsa(spki, &key, err));
    if (pubkey_bits(key) != SUBJECT_KEY_BITS)
        return FAIL(err, ERR_INPUT, "the key has not %d bits", SUBJECT_KEY_BITS);
    return digest_compute(DIGEST_SHA256, spki, ret, err);
}

int issue_hash_field(struct digest_stream *stream, struct bytes field, struct err *err)
{
    uint8_t length[4] = {(uint8_t)(field.len >> 24), (uint8_t)(field.len >> 16),
                         (uint8_t)(field.len >> 8), (uint8_t)field.len};

    TRY(digest_add(stream, BYTES_ARRAY(length), err));
    return digest_add(stream, field, err);
}

/* Every field of the request, each behind its length, so that no two requests look alike. */
static int hash_request(struct digest_stream *stream, const struct issue_request *r,
                        struct err *err)
{
    static const struct holder nobody;
    const struct holder *holder = r->holder == NULL ? &nobody : r->holder;
    uint64_t not_after = (uint64_t)r->not_after;
    uint8_t number[8];

    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(not_after >> (56 - 8 * i));
    TRY(issue_hash_field(stream, bytes_text(ca_kind_name(r->kind)), err));
    TRY(issue_hash_field(stream, r->csr, err));
    TRY(issue_hash_field(stream, BYTES_ARRAY(number), err));
    TRY(issue_hash_field(stream, bytes_text(r->prefecture), err));
    TRY(issue_hash_field(stream, bytes_text(r->municipality), err));
    TRY(issue_hash_field(stream, bytes_text(r->window_id), err));
    TRY(issue_hash_field(stream, holder->name, err));
    TRY(issue_hash_field(stream, holder->birth, err));
    TRY(issue_hash_field(stream, holder->sex, err));
    TRY(issue_hash_field(stream, holder->address, err));
    TRY(issue_hash_field(stream, holder->name_substitutes, err));
    return issue_hash_field(stream, holder->address_substitutes, err);
}

static int fingerprint(const struct issue_request *r, struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    TRY(hash_request(stream, r, err));
    return digest_end(stream, ret, err);
}

/* What the callback inside the reservation needs. */
struct building {
    const struct ca *ca;
    const struct issue_request *request;
    struct bytes spki;
    int64_t now;
};

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    const struct building *b = context;
    const struct issue_request *r = b->request;
    char name[COMMON_NAME_SIGN_LEN + 1];
    struct profile_inputs inputs = {
        .serial = serial,
        .not_before = b->now,
        .not_after = r->not_after,
        .spki = b->spki,
        .issuer = x509_cert_tbs(b->ca->certificate),
        .common_name = name,
        .prefecture = r->prefecture,
        .municipality = r->municipality,
        .holder = r->holder,
    };
    uint64_t opaque;

    /* Here and not before: a request that is known gets its certificate at any time. */
    TRY(time_check(b->ca->certificate, r, b->now, err));
    _Static_assert(COMMON_NAME_SIGN_LEN >= COMMON_NAME_AUTH_LEN, "name holds either");
    if (r->kind == CA_SIGN) {
        TRY(common_name_sign(b->now, serial % 100000, r->window_id, name, err));
    } else {
        TRY(rand_fill(&opaque, sizeof opaque, err));
        TRY(common_name_auth(opaque, r->window_id, name, err));
    }
    return profile_build_tbs(profile_of((r->is_for_phone ? phone_profiles : profiles)[r->kind]),
                             &inputs, ret, err);
}

/*
 * Whose fault a refusal of signerd is, seen from whoever asked us: never theirs. What can be
 * mended without changing the bytes leaves the record as it is, to be asked again.
 */
static int signer_refused(const struct authority *authority, const struct record *record,
                          const struct err *refusal, struct err *err)
{
    switch (refusal->kind) {
    case ERR_UNTRUSTED:
    case ERR_INPUT:
        TRY(authority_release(authority->store, record->kind, record->serial, false, err));
        return FAIL(err, ERR_SYSTEM, "signerd refuses to sign: %s", refusal->text);
    case ERR_CONFLICT:
        TRY(authority_release(authority->store, record->kind, record->serial, true, err));
        return FAIL(err, ERR_SYSTEM,
                    "signerd has signed another certificate under this serial number: the "
                    "database is older than signerd's records");
    case ERR_DENIED:
    case ERR_ABSENT:
        return FAIL(err, ERR_SYSTEM, "signerd has no key for this process: %s", refusal->text);
    case ERR_NONE:
    case ERR_USAGE:
    case ERR_REMOTE:
    case ERR_NOMEM:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return FAIL_WITH(err, refusal->kind, refusal->detail, "%s", refusal->text);
}

/* Have a reserved record signed, and keep the certificate in it. */
static int finish(const struct authority *authority, struct signer *signer,
                  const struct audit_origin *by, struct record *record, struct err *err)
{
    const struct ca *ca = authority_ca(authority, record->kind, record->generation);
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct completion completion = {.kind = record->kind, .serial = record->serial, .by = by};
    struct bytes tbs = buf_bytes(&record->tbs);
    struct err refusal = {0};

    if (ca == NULL)
        return FAIL(err, ERR_CONFLICT, "there is no generation %u of the CA", record->generation);
    if (signer_sign(signer, ca->key, SIGNER_CERTIFICATE, tbs, &signature, &refusal) < 0)
        return signer_refused(authority, record, &refusal, err);
    TRY(cert_assemble(tbs, buf_bytes(&signature), &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    if (x509_cert_is_issued_by(cert, ca->certificate, err) < 0)
        return FAIL(err, ERR_SYSTEM, "signerd's signature is not by the key of the CA");
    completion.certificate = buf_bytes(&der);
    completion.is_responder = tbs_has_purpose(x509_cert_tbs(cert), OID_OCSP_SIGNING);
    TRY(authority_complete(authority->store, &completion, err));
    buf_done(&record->tbs);
    buf_move(&record->certificate, &der);
    return 0;
}

int issue_reserved(const struct authority *authority, struct signer *signer,
                   const struct reservation *reservation, const struct audit_origin *by,
                   struct record *ret, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    TRY(authority_reserve(authority->store, reservation, &record, err));
    if (record.certificate.len == 0)
        TRY(finish(authority, signer, by, &record, err));
    record_done(ret);
    *ret = record;
    record = (struct record)RECORD_INIT;
    return 0;
}

int authority_issue(const struct authority *authority, struct signer *signer,
                    const struct issue_request *request, struct record *ret, struct err *err)
{
    int64_t now = clock_now(authority->clock);
    struct csr csr;
    const struct ca *ca = authority_issuing_ca(authority, request->kind, now);
    struct building building = {ca, request, {NULL, 0}, now};
    struct reservation r = {.kind = request->kind,
                            .generation = ca->generation,
                            .request_id = request->request_id,
                            .subject = request->subject,
                            .is_for_phone = request->is_for_phone,
                            .now = now,
                            .not_after = request->not_after,
                            .build = build,
                            .context = &building};

    TRY(request_id_check(request->request_id, err));
    TRY(subject_id_check(request->subject, err));
    TRY(subject_check(request, err));
    TRY(csr_parse(request->csr, &csr, err)); /* verifies RFC 2986's proof of possession */
    TRY(issue_check_key(csr.spki, &r.key, err));
    TRY(fingerprint(request, &r.fingerprint, err));
    building.spki = csr.spki;
    return issue_reserved(authority, signer, &r, request->by, ret, err);
}

static int resume_kind(const struct authority *authority, struct signer *signer, enum ca_kind kind,
                       struct resumed *counts, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(authority->clock));
    uint32_t above = 0;

    for (;;) {
        CLEANUP(record_done) struct record record = RECORD_INIT;
        int rc = authority_next_pending(authority->store, kind, above, &record, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        above = record.serial;
        rc = finish(authority, signer, &by, &record, err);
        if (rc == -ERR_REMOTE)
            return rc;
        if (rc < 0)
            counts->failed++;
        else
            counts->finished++;
    }
}

int authority_resume(const struct authority *authority, struct signer *signer, struct resumed *ret,
                     struct err *err)
{
    struct resumed counts = {0, 0};

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(resume_kind(authority, signer, (enum ca_kind)kind, &counts, err));
    *ret = counts;
    return 0;
}
