/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of OCSP responders and of signers of feeds. There is one for each key, for ever:
 * asking again gives it again, and who needs another one makes another key, as RFC 6960 4.2.2.2.1
 * recommends for certificates that nobody can revoke.
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

static int appoint(const struct authority *authority, struct signer *signer,
                   const struct office *office, const struct responder_request *request,
                   struct record *ret, struct err *err)
{
    int64_t now = clock_now(authority->clock);
    const struct ca *ca = authority_ca(authority, request->kind,
                                       request->generation == 0 ? 1 : request->generation);
    struct building building = {
        ca, office, request->spki, now,
        profile_last_second(profile_of(office->profiles[request->kind]), KEY_RSA, now)};
    struct reservation r = {.kind = request->kind,
                            .generation = request->generation,
                            .now = now,
                            .not_after = building.not_after,
                            .build = build,
                            .context = &building};
    CLEANUP(buf_done) struct buf id = BUF_INIT;

    if (ca == NULL)
        return FAIL(err, ERR_ABSENT, "the %s CA has no generation %u", ca_kind_name(request->kind),
                    request->generation);
    TRY(issue_check_key(request->spki, &r.key, err));
    TRY(fingerprint(&building, &r.fingerprint, err));
    TRY(buf_append(&id, bytes_text(office->id_prefix), err));
    TRY(hex_append(&id, bytes_of(digest_bytes(&r.key).ptr, ID_OCTETS), err));
    TRY(buf_text(&id, &r.request_id, err));
    return issue_reserved(authority, signer, &r, request->by, ret, err);
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
