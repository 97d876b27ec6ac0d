/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of OCSP responders and of signers of feeds. Asking for a key's again gives the one
 * there is, until it comes near its end: then it is followed by another, once, whoever asks. So the
 * certificates of a key are a chain, each link named by the number of the one before.
 */
#include "authority/certificate/issue.h"
#include "authority/feed/feed.h"

#include "base/hex.h"
#include "x509/profile.h"

/* What a CA appoints keys to. */
struct office {
    enum profile_kind profiles[CA_KINDS_];
    const char *id_prefix; /* of the request ids of its keys */
};

static const struct office responders = {
    .profiles = {[CA_SIGN] = PROFILE_OCSP_SIGN, [CA_AUTH] = PROFILE_OCSP_AUTH},
    .id_prefix = "responder-",
};
static const struct office feed_signers = {
    .profiles = {[CA_SIGN] = PROFILE_FEED_SIGN, [CA_AUTH] = PROFILE_FEED_AUTH},
    .id_prefix = "feed-",
};

enum { ID_OCTETS = 20 };

struct building {
    const struct authority *authority;
    const struct ca *ca;
    const struct office *office;
    struct bytes spki;
    int64_t now, not_after;
};

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    const struct building *b = context;
    struct profile_inputs inputs = {
        .serial = serial,
        .not_before = b->now,
        .not_after = b->not_after,
        .spki = b->spki,
        .issuer = x509_cert_tbs(b->ca->certificate),
    };

    return profile_build_tbs(profile_of(b->office->profiles[b->ca->kind]), &inputs, ret, err);
}

/* The same key gives the same request, whenever it is asked for. */
static int fingerprint(const struct building *b, struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    char ca[RPC_NAME_MAX + 1];

    TRY(generation_name(ca_kind_name(b->ca->kind), b->ca->generation, ca, sizeof ca, err));
    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    TRY(issue_hash_field(stream, bytes_text(b->office->id_prefix), err));
    TRY(issue_hash_field(stream, bytes_text(ca), err));
    TRY(issue_hash_field(stream, b->spki, err));
    return digest_end(stream, ret, err);
}

/* "responder-KEY", and for what follows number 12 "responder-KEY-12". */
static int request_id(const struct building *b, const struct digest *key, uint32_t before,
                      struct buf *ret, const char **ret_text, struct err *err)
{
    buf_clear(ret);
    TRY(buf_append(ret, bytes_text(b->office->id_prefix), err));
    TRY(hex_append(ret, bytes_of(digest_bytes(key).ptr, ID_OCTETS), err));
    if (before != 0)
        TRY(buf_append_format(ret, err, "-%lu", (unsigned long)before));
    return buf_text(ret, ret_text, err);
}

/* A key has one certificate in the database; for each that follows it stands with that number. */
static int key_after(struct bytes spki, uint32_t before, struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    const uint8_t number[4] = {(uint8_t)(before >> 24), (uint8_t)(before >> 16),
                               (uint8_t)(before >> 8), (uint8_t)before};

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    TRY(issue_hash_field(stream, spki, err));
    TRY(issue_hash_field(stream, BYTES_ARRAY(number), err));
    return digest_end(stream, ret, err);
}

/* The first certificate of a key, or the one that follows number before. */
static int have_link(const struct building *b, struct signer *signer,
                     const struct responder_request *request, uint32_t before, struct record *ret,
                     struct err *err)
{
    struct reservation r = {.kind = b->ca->kind,
                            .generation = b->ca->generation,
                            .now = b->now,
                            .not_after = b->not_after,
                            .build = build,
                            .context = b};
    CLEANUP(buf_done) struct buf id = BUF_INIT;

    TRY(issue_check_key(b->spki, &r.key, err));
    TRY(fingerprint(b, &r.fingerprint, err));
    TRY(request_id(b, &r.key, before, &id, &r.request_id, err));
    if (before != 0)
        TRY(key_after(b->spki, before, &r.key, err));
    return issue_reserved(b->authority, signer, &r, request->by, ret, err);
}

/* Whether there is a link behind number before. */
static int find_link(const struct building *b, uint32_t before, struct err *err)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct find_query query = {.kind = b->ca->kind};
    struct found found;
    struct digest key;

    TRY(issue_check_key(b->spki, &key, err));
    TRY(request_id(b, &key, before, &id, &query.request_id, err));
    return authority_find_certificate(b->authority->store, &query, &found, err);
}

/*
 * Whether a link that comes to its end, or is over, may be followed: never one that was revoked,
 * which is how an operator takes an appointment back, and by itself none that is over.
 */
static int check_follow(const struct building *b, const struct responder_request *request,
                        const struct record *record, struct err *err)
{
    struct revoked revoked;
    int rc = authority_get_revocation(b->authority->store, b->ca->kind, record->serial, &revoked,
                                      err);

    if (rc == 0)
        return FAIL(err, ERR_CONFLICT,
                    "certificate %lu is revoked, so none follows it; another key can be appointed",
                    (unsigned long)record->serial);
    if (rc != -ERR_ABSENT)
        return rc;
    if (!request->is_renewal || b->now < record->not_after)
        return 0;
    rc = find_link(b, record->serial, err);
    return rc == -ERR_ABSENT
               ? FAIL(err, ERR_CONFLICT,
                      "certificate %lu is over; only an operator has it followed by another",
                      (unsigned long)record->serial)
               : rc;
}

static int appoint(const struct authority *authority, struct signer *signer,
                   const struct office *office, const struct responder_request *request,
                   struct record *ret, struct err *err)
{
    int64_t now = clock_now(authority->clock);
    const struct ca *ca = authority_ca(authority, request->kind,
                                       request->generation == 0 ? 1 : request->generation);
    const struct building building = {
        authority, ca,
        office,    request->spki,
        now,       profile_last_second(profile_of(office->profiles[request->kind]), KEY_RSA, now)};
    uint32_t before = 0;

    if (ca == NULL)
        return FAIL(err, ERR_ABSENT, "the %s CA has no generation %u", ca_kind_name(request->kind),
                    request->generation);
    for (;;) {
        CLEANUP(record_done) struct record record = RECORD_INIT;

        TRY(have_link(&building, signer, request, before, &record, err));
        if (now < record.not_after - APPOINTMENT_RENEW_S) {
            record_done(ret);
            *ret = record;
            record = (struct record)RECORD_INIT;
            return 0;
        }
        TRY(check_follow(&building, request, &record, err));
        before = record.serial;
    }
}

int authority_issue_responder(const struct authority *authority, struct signer *signer,
                              const struct responder_request *request, struct record *ret,
                              struct err *err)
{
    return appoint(authority, signer, &responders, request, ret, err);
}

int authority_issue_feed_signer(const struct authority *authority, struct signer *signer,
                                const struct responder_request *request, struct record *ret,
                                struct err *err)
{
    return appoint(authority, signer, &feed_signers, request, ret, err);
}

int authority_renew_responder(const struct authority *authority, struct signer *signer,
                              const struct renewal_request *renewal, struct record *ret,
                              struct err *err)
{
    CLEANUP(record_done) struct record before = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct responder_request request = {
        .kind = renewal->kind, .by = renewal->by, .is_renewal = true};

    TRY(authority_get_record(authority->store, renewal->kind, renewal->serial, &before, err));
    if (before.certificate.len > 0)
        TRY(x509_cert_parse(buf_bytes(&before.certificate), &cert, err));
    if (cert == NULL || !tbs_has_purpose(x509_cert_tbs(cert), OID_OCSP_SIGNING))
        return FAIL(err, ERR_ABSENT, "there is no responder's certificate of this number");
    request.spki = x509_cert_tbs(cert)->spki;
    request.generation = before.generation;
    return authority_issue_responder(authority, signer, &request, ret, err);
}
