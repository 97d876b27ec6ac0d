/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/share.h"
#include "nation/nation.h"
#include "ocsp/feed_page.h"
#include "ocsp/overlay.h"
#include "programs/progress.h"
#include "revocation/crl_write.h"

#include <stdlib.h>

enum {
    VERIFICATIONS = 4000,
    UPDATES = 1000,
    SEED = 1,
    STEP = 2654435761, /* odd: all serial numbers come up, neighbours far apart */
};

/* The certificates of a kind, numbered as they come: what is revoked of them. */
struct stream {
    const struct nation *nation;
    enum nation_cert_kind kind;
    uint64_t people, index;
    uint32_t serial;
    struct progress *progress;
};

static int rewind_stream(void *context, struct err *err)
{
    struct stream *stream = context;

    (void)err;
    stream->index = 0;
    stream->serial = 1; /* the CA's own */
    return 0;
}

static int next_revoked(void *context, struct revocation *ret, struct err *err)
{
    struct stream *stream = context;
    struct nation_cert cert;

    while (stream->index < stream->people) {
        progress_at(stream->progress, stream->index);
        if (!nation_cert(stream->nation, stream->index++, stream->kind, &cert))
            continue;
        stream->serial++;
        if (cert.revoked_at == 0)
            continue;
        *ret = (struct revocation){stream->serial, cert.revoked_at, cert.reason};
        return 0;
    }
    return FAIL(err, ERR_ABSENT, "nobody is left");
}

static int make_set(const struct nation *nation, uint64_t people, enum nation_cert_kind kind,
                    struct revocation_set **ret, struct err *err)
{
    struct progress progress = progress_start(tr("people"), people);
    struct stream stream = {
        .nation = nation, .kind = kind, .people = people, .progress = &progress};
    const struct revocation_source source = {&stream, rewind_stream, next_revoked};
    int rc = revocation_set_new(&source, ret, err);

    progress_end(&progress);
    return rc;
}

int scale_sets_make(struct scale_site *site, struct err *err)
{
    CLEANUP(municipalities_freep) struct municipalities *places = NULL;
    CLEANUP(nation_freep) struct nation *nation = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct nation_options options = {SEED, site->people, NATION_EPOCH};

    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &places, err));
    TRY(nation_new(places, &options, &nation, err));
    TRY(make_set(nation, site->people, NATION_SIGN, &site->revoked[OCSP_CA_SIGN], err));
    return make_set(nation, site->people, NATION_AUTH, &site->revoked[OCSP_CA_AUTH], err);
}

/* The CA's signature by a key that is kept, the holder's by one that has to be made. */
static int verify_once(const struct scale_signature *signed_, const struct pubkey *ca,
                       struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    TRY(pubkey_verify(ca, &signed_->digest, buf_bytes(&signed_->signature), err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&signed_->spki), &key, err));
    return pubkey_verify(key, &signed_->digest, buf_bytes(&signed_->signature), err);
}

int scale_sets_verify(struct scale_site *site, struct scale_cost *ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *ca = NULL;
    const struct revocation_set *set = site->revoked[OCSP_CA_SIGN];
    struct revocation found;
    uint64_t serial = 0;
    size_t hits = 0;
    int64_t started;

    TRY(pubkey_from_spki_rsa(buf_bytes(&site->signature->spki), &ca, err));
    started = thread_us();
    for (unsigned i = 0; i < VERIFICATIONS; i++) {
        serial = (serial + STEP) % site->people;
        hits += revocation_set_find(set, (uint32_t)serial + 2, &found, NULL) == 0;
        TRY(verify_once(site->signature, ca, err));
    }
    ret->processor_us = (double)(thread_us() - started) / VERIFICATIONS;
    return hits > 0 ? 0 : FAIL(err, ERR_SYSTEM, "nobody's certificate is revoked");
}

/* Hashed, as it has to be for a signature. */
static int hash_piece(void *context, struct bytes piece, struct err *err)
{
    return digest_add(context, piece, err);
}

int scale_sets_crl(struct scale_site *site, struct scale_cost *ret, struct err *err)
{
    static const uint8_t name[] = {0x30, 0x00};
    static const uint8_t key[20];
    struct revocation_cursor cursor = {site->revoked[OCSP_CA_SIGN], 0};
    const struct revocation_source source = revocation_set_source(&cursor);
    const struct crl_head head = {.issuer = BYTES_ARRAY(name),
                                  .authority_key_id = BYTES_ARRAY(key),
                                  .number = 1,
                                  .this_update = NATION_EPOCH,
                                  .next_update = NATION_EPOCH + 86400};
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    struct crl_sink sink = {NULL, hash_piece};
    struct digest digest;
    int64_t started = thread_us();

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    sink.context = stream;
    TRY(crl_write_tbs(&head, &source, &sink, NULL, err));
    TRY(digest_end(stream, &digest, err));
    ret->processor_us = (double)(thread_us() - started) /
                        (double)revocation_set_count(site->revoked[OCSP_CA_SIGN]);
    return 0;
}

/* A serial number of a certificate that is good. */
static uint32_t good_serial(const struct revocation_set *set, uint64_t people, uint32_t from)
{
    struct revocation unused;

    do {
        from = (uint32_t)((from + (uint64_t)STEP) % (people / 2)) + 2;
    } while (revocation_set_find(set, from, &unused, NULL) == 0);
    return from;
}

/* As the authority tells it (jpki-authorityd(8)). */
static int write_page(const struct scale_site *site, uint32_t serial, struct buf *ret,
                      struct err *err)
{
    return buf_append_format(
        ret, err,
        "{\"version\":3,\"entries\":[{\"number\":1,\"kind\":\"sign\",\"serial\":%u,"
        "\"at\":%d,\"reason\":\"affiliationChanged\",\"event\":\"revoke\"}],"
        "\"last\":1,\"more\":false,\"issued\":{\"sign\":%llu,\"auth\":%llu},"
        "\"gaps\":{\"sign\":[],\"auth\":[]}}",
        serial, NATION_EPOCH, (unsigned long long)site->people + 1,
        (unsigned long long)site->people + 1);
}

/* What a responder does with an answer of the authority, but for asking. */
static int update_once(const struct scale_site *site, struct ocsp_index *index, uint32_t serial,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(feed_page_done) struct feed_page page = {.last = 0};
    CLEANUP(ocsp_state_done) struct ocsp_state change = {.confirmed_at = NATION_EPOCH};

    TRY(write_page(site, serial, &text, err));
    TRY(json_parse(buf_bytes(&text), &json, err));
    TRY(feed_page_read(json, &page, err));
    TRY(overlay_apply(site->revoked[OCSP_CA_SIGN], index->state.recent[OCSP_CA_SIGN],
                      &page.events[OCSP_CA_SIGN], &change.recent[OCSP_CA_SIGN], err));
    ocsp_index_update(index, &change);
    return 0;
}

int scale_sets_ocsp(struct scale_site *site, struct scale_cost *ret, struct err *err)
{
    struct revocation_set *set = site->revoked[OCSP_CA_SIGN];
    CLEANUP(ocsp_index_done) struct ocsp_index index;
    uint32_t serial = 2;
    int rc = 0;
    int64_t started = 0;

    TRY(ocsp_index_init(&index, err));
    index.state.revoked[OCSP_CA_SIGN] = set; /* lent */
    started = thread_us();
    for (unsigned i = 0; rc == 0 && i < UPDATES; i++) {
        serial = good_serial(set, site->people, serial);
        rc = update_once(site, &index, serial, err);
    }
    ret->processor_us = (double)(thread_us() - started) / UPDATES;
    index.state.revoked[OCSP_CA_SIGN] = NULL;
    return rc;
}
