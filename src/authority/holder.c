/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/holder.h"

#include "base/hex.h"
#include "crypto/bound.h"

#include <string.h>

enum { ID_OCTETS = 28 };

#define ID_START "holder-"
_Static_assert(sizeof ID_START - 1 + (size_t)ID_OCTETS * 2 <= REQUEST_ID_MAX,
               "what a message is called is a request id");

static int check_time(const struct authority *authority, int64_t at, struct err *err)
{
    int64_t now = clock_now(authority->clock);

    /* No difference of the two: at is a stranger's number. */
    if (at < now - HOLDER_SECONDS)
        return FAIL(err, ERR_UNTRUSTED,
                    "this request was signed more than %d seconds ago, or the clock it was signed "
                    "by is slow; sign again",
                    HOLDER_SECONDS);
    if (at > now + HOLDER_SECONDS)
        return FAIL(err, ERR_UNTRUSTED,
                    "this request was signed more than %d seconds from now: the clock it was "
                    "signed by is fast",
                    HOLDER_SECONDS);
    return 0;
}

/* The CA by its key, never by its name: all generations share one. */
static int find_ca(const struct authority *authority, struct bytes key_id, enum ca_kind *ret,
                   struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        const struct x509_cert *ca = authority->cas[kind].certificate;

        if (bytes_equal(key_id, x509_cert_tbs(ca)->subject_key_id)) {
            *ret = (enum ca_kind)kind;
            return 0;
        }
    }
    return FAIL(err, ERR_UNTRUSTED, "certificates of that CA are not issued here");
}

int holder_check_frame(const struct authority *authority, const struct holder_frame *frame,
                       enum ca_kind *ret, struct err *err)
{
    TRY(check_time(authority, frame->at, err));
    if (strcmp(frame->origin, authority->holder_origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "this request was signed for another service than %s; %s",
                    authority->holder_origin, frame->undone);
    return find_ca(authority, frame->issuer, ret, err);
}

static uint32_t number_of(int64_t serial)
{
    return serial > 0 && serial <= UINT32_MAX ? (uint32_t)serial : 0;
}

struct bytes holder_serial(int64_t serial, uint8_t octets[SERIAL_OCTETS])
{
    const uint32_t number = number_of(serial);
    size_t skip = 0;

    for (size_t i = 0; i < SERIAL_OCTETS; i++)
        octets[i] = (uint8_t)(number >> (8 * (SERIAL_OCTETS - 1 - i)));
    while (skip < SERIAL_OCTETS - 1 && octets[skip] == 0)
        skip++;
    return bytes_of(octets + skip, SERIAL_OCTETS - skip);
}

static int message_digest(const struct authority *authority, const struct holder_request *request,
                          struct digest *ret, struct err *err)
{
    uint8_t octets[SERIAL_OCTETS];
    const struct bound_revocation message = {
        .origin = authority->holder_origin,
        .issuer = request->issuer,
        .serial = holder_serial(request->serial, octets),
        .reason = request->reason,
        .at = request->at,
        .nonce = request->nonce,
    };

    return bound_revocation_digest(&message, ret, err);
}

/*
 * The certificate of a number; the CA's own, which no holder's key belongs to, if there is none:
 * so the same work is done and nobody learns from the time it takes which numbers are given out.
 */
static int find_certificate(const struct authority *authority, enum ca_kind kind, uint32_t serial,
                            struct x509_cert **ret, bool *ret_is_there, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    int rc = authority_get_record(authority->store, kind, serial, &record, err);
    bool is_there = rc == 0 && record.certificate.len > 0;

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    TRY(x509_cert_parse(is_there ? buf_bytes(&record.certificate)
                                 : x509_cert_der(authority->cas[kind].certificate),
                        ret, err));
    *ret_is_there = is_there;
    return 0;
}

int holder_check_proof(const struct authority *authority, const struct holder_proof *proof,
                       struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    bool is_there;
    int rc;

    TRY(find_certificate(authority, proof->kind, proof->serial, &cert, &is_there, err));
    rc = pubkey_verify(x509_cert_pubkey(cert), proof->digest, proof->signature, err);
    if (rc == -ERR_UNTRUSTED || (rc == 0 && !is_there))
        return FAIL(err, ERR_UNTRUSTED,
                    "this is no signature, by the key of a certificate with this number, over this "
                    "request; %s",
                    proof->undone);
    return rc;
}

/* The same message has the same id, so it revokes once however often it is sent. */
static int name_request(const struct digest *digest, struct buf *ret, struct err *err)
{
    TRY(buf_append_text(ret, ID_START, err));
    return hex_append(ret, bytes_of(digest->value, ID_OCTETS), err);
}

/* What was revoked before, by whom and why ever, is what the holder wants. */
static int revoke(const struct authority *authority, struct revocation_request *meant,
                  struct revoked *ret, struct err *err)
{
    struct err why = {0};
    int rc = authority_revoke(authority, meant, ret, &why);

    if (rc == -ERR_CONFLICT)
        return authority_get_revocation(authority->store, meant->kind, meant->serial, ret, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

#define UNDONE "nothing was revoked"

int authority_revoke_by_holder(const struct authority *authority,
                               const struct holder_request *request, struct revoked *ret,
                               struct err *err)
{
    const struct holder_frame frame = {request->origin, request->issuer, request->at, UNDONE};
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct revocation_request meant = {.by = request->by, .serial = number_of(request->serial)};
    struct holder_proof proof = {.signature = request->signature, .undone = UNDONE};
    struct digest digest;

    TRY(holder_check_frame(authority, &frame, &meant.kind, err));
    TRY(crl_reason_parse(request->reason, &meant.reason, err));
    TRY(message_digest(authority, request, &digest, err));
    proof.kind = meant.kind;
    proof.serial = meant.serial;
    proof.digest = &digest;
    TRY(holder_check_proof(authority, &proof, err));
    TRY(name_request(&digest, &id, err));
    TRY(buf_text(&id, &meant.request_id, err));
    return revoke(authority, &meant, ret, err);
}
