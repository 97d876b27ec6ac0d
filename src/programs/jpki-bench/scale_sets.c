/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/share.h"
#include "nation/nation.h"
#include "ocsp/overlay.h"
#include "programs/progress.h"
#include "revocation/crl_write.h"

#include <stdlib.h>

enum {
    LOOKUPS = 1000000,
    UPDATES = 200,
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

int scale_sets_lookup(struct scale_site *site, double *ret_us, struct err *err)
{
    const struct revocation_set *set = site->revoked[OCSP_CA_SIGN];
    struct revocation found;
    uint64_t serial = 0;
    size_t hits = 0;
    int64_t started = monotonic_us();

    for (unsigned i = 0; i < LOOKUPS; i++) {
        serial = (serial + STEP) % site->people;
        hits += revocation_set_find(set, (uint32_t)serial + 2, &found, NULL) == 0;
    }
    *ret_us = (double)(monotonic_us() - started) / LOOKUPS;
    return hits > 0 ? 0 : FAIL(err, ERR_SYSTEM, "nobody's certificate is revoked");
}

static int swallow(void *context, struct bytes piece, struct err *err)
{
    (void)err;
    *(size_t *)context += piece.len;
    return 0;
}

int scale_sets_crl(struct scale_site *site, double *ret_us, struct err *err)
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
    size_t bytes = 0;
    const struct crl_sink sink = {&bytes, swallow};
    int64_t started = monotonic_us();

    TRY(crl_write_tbs(&head, &source, &sink, NULL, err));
    *ret_us = (double)(monotonic_us() - started) /
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

static int update_once(struct ocsp_index *index, const struct revocation_set *set, uint32_t serial,
                       struct err *err)
{
    CLEANUP(ocsp_state_done) struct ocsp_state change = {.confirmed_at = NATION_EPOCH};
    CLEANUP(pending_done) struct pending pending = {.count = 0};
    const struct event event = {NATION_EPOCH, serial, CRL_AFFILIATION_CHANGED, false, 0};

    TRY(pending_add(&pending, &event, err));
    TRY(overlay_apply(set, index->state.recent[OCSP_CA_SIGN], &pending,
                      &change.recent[OCSP_CA_SIGN], err));
    ocsp_index_update(index, &change);
    return 0;
}

int scale_sets_ocsp(struct scale_site *site, double *ret_us, struct err *err)
{
    struct revocation_set *set = site->revoked[OCSP_CA_SIGN];
    CLEANUP(ocsp_index_done) struct ocsp_index index;
    uint32_t serial = 2;
    int rc = 0;
    int64_t started = 0;

    TRY(ocsp_index_init(&index, err));
    index.state.revoked[OCSP_CA_SIGN] = set; /* lent */
    started = monotonic_us();
    for (unsigned i = 0; rc == 0 && i < UPDATES; i++) {
        serial = good_serial(set, site->people, serial);
        rc = update_once(&index, set, serial, err);
    }
    *ret_us = (double)(monotonic_us() - started) / UPDATES;
    index.state.revoked[OCSP_CA_SIGN] = NULL;
    return rc;
}
