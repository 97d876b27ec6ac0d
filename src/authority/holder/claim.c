/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/holder/claim.h"

#include "base/hex.h"

#include <string.h>

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

/* The number, if it is one of the generation whose key is named; else one that nobody has. */
static int find_serial(const struct authority *authority, const struct ca *ca, int64_t serial,
                       uint32_t *ret, struct err *err)
{
    unsigned generation;

    if (serial <= 0 || serial > UINT32_MAX)
        serial = 0;
    TRY(authority_generation_of(authority->store, ca->kind, (uint32_t)serial, &generation, err));
    *ret = generation == ca->generation ? (uint32_t)serial : 0;
    return 0;
}

int holder_claim_check(const struct authority *authority, const struct holder_claim *claim,
                       enum ca_kind *ret_kind, uint32_t *ret_serial, struct err *err)
{
    const struct ca *ca = authority_ca_by_key(authority, claim->issuer);

    TRY(check_time(authority, claim->at, err));
    if (strcmp(claim->origin, authority->holder_origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "this request was signed for another service than %s; %s",
                    authority->holder_origin, claim->nothing);
    if (ca == NULL)
        return FAIL(err, ERR_UNTRUSTED, "certificates of that CA are not issued here");
    TRY(find_serial(authority, ca, claim->serial, ret_serial, err));
    *ret_kind = ca->kind;
    return 0;
}

struct bytes holder_serial_octets(uint32_t serial, uint8_t octets[HOLDER_SERIAL_OCTETS])
{
    size_t skip = 0;

    for (size_t i = 0; i < HOLDER_SERIAL_OCTETS; i++)
        octets[i] = (uint8_t)(serial >> (8 * (HOLDER_SERIAL_OCTETS - 1 - i)));
    while (skip < HOLDER_SERIAL_OCTETS - 1 && octets[skip] == 0)
        skip++;
    return bytes_of(octets + skip, HOLDER_SERIAL_OCTETS - skip);
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
                                 : x509_cert_der(authority_ca(authority, kind, 1)->certificate),
                        ret, err));
    *ret_is_there = is_there;
    return 0;
}

int holder_claim_verify(const struct authority *authority, const struct holder_claim *claim,
                        const struct holder_signer *signer, struct x509_cert **ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    bool is_there;
    int rc;

    TRY(find_certificate(authority, signer->kind, signer->serial, &cert, &is_there, err));
    rc = pubkey_verify(x509_cert_pubkey(cert), signer->digest, claim->signature, err);
    if (rc == -ERR_UNTRUSTED || (rc == 0 && !is_there))
        return FAIL(err, ERR_UNTRUSTED,
                    "this is no signature, by the key of a certificate with this number, over this "
                    "request; %s",
                    claim->nothing);
    TRY(rc);
    *ret = cert;
    cert = NULL;
    return 0;
}

int holder_name_request(const char *start, const struct digest *digest, const char *end,
                        struct buf *ret, struct err *err)
{
    TRY(buf_append_text(ret, start, err));
    TRY(hex_append(ret, bytes_of(digest->value, HOLDER_ID_OCTETS), err));
    return buf_append_text(ret, end, err);
}
