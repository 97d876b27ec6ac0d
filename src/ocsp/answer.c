/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks is decided before anything is said about a certificate, and before the age of what is
 * known: a stranger learns nothing, not even how this responder is.
 */
#include "ocsp/answer.h"

bool ocsp_is_current(const struct ocsp_knowledge *k, int64_t now)
{
    const struct tbs *responder = x509_cert_tbs(k->responder);

    return k->confirmed_at > 0 && now < k->confirmed_at + k->valid_s &&
           now >= responder->not_before && now <= responder->not_after;
}

static int look_up(const struct ocsp_knowledge *k, const struct ocsp_cert_id *id,
                   struct ocsp_single *single, struct err *err)
{
    uint64_t serial = ocsp_cert_id_serial(id);
    struct revocation found;
    bool is_ours;

    TRY(ocsp_cert_id_names(id, x509_cert_tbs(k->ca), &is_ours, err));
    single->status = OCSP_UNKNOWN;
    if (!is_ours || serial == 0 || serial > k->issued)
        return 0;
    if (overlay_find(k->revoked, k->recent, (uint32_t)serial, &found, NULL) < 0) {
        if (!gaps_contain(k->gaps, (uint32_t)serial))
            single->status = OCSP_GOOD;
        return 0;
    }
    single->status = OCSP_REVOKED;
    single->revoked_at = found.at;
    single->reason = (int)found.reason;
    return 0;
}

static int64_t tick_of(int64_t moment, int64_t refresh_s)
{
    return refresh_s == 0 ? moment : moment - moment % refresh_s;
}

/* A clock that was set back does not make answers from the future. */
static void set_times(const struct ocsp_knowledge *k, int64_t now, struct ocsp_single *single)
{
    int64_t confirmed_at = k->confirmed_at < now ? k->confirmed_at : now;
    int64_t next_tick = tick_of(now, k->refresh_s) + k->refresh_s;

    single->this_update = tick_of(confirmed_at, k->refresh_s);
    single->next_update = confirmed_at + k->valid_s;
    if (k->refresh_s > 0 && next_tick < single->next_update)
        single->next_update = next_tick;
}

static int build(const struct ocsp_knowledge *k, const struct ocsp_request *request, int64_t now,
                 struct buf *data, struct err *err)
{
    struct ocsp_response response = {
        .produced_at = now, .count = request->count, .nonce = request->nonce};
    uint8_t key_hash[20];

    TRY(pubkey_key_id(x509_cert_pubkey(k->responder), key_hash, err));
    response.responder_key_hash = BYTES_ARRAY(key_hash);
    for (size_t i = 0; i < request->count; i++) {
        struct ocsp_single *single = &response.singles[i];

        single->id = request->ids[i];
        single->reason = -1;
        set_times(k, now, single);
        TRY(look_up(k, &request->ids[i], single, err));
    }
    return ocsp_response_build_data(&response, data, err);
}

int ocsp_answer(const struct ocsp_knowledge *knowledge, struct bytes bytes, int64_t now,
                enum ocsp_status *ret, struct buf *data, struct err *err)
{
    struct ocsp_request request;
    int rc = ocsp_request_parse(bytes, &request, err);

    if (rc == -ERR_INPUT) {
        *ret = OCSP_MALFORMED_REQUEST;
        return 0;
    }
    TRY(rc);
    if (!request.signature.is_there) {
        *ret = OCSP_SIG_REQUIRED;
        return 0;
    }
    rc = knowledge->requesters == NULL
             ? -ERR_UNTRUSTED
             : requesters_check(knowledge->requesters, &request, now, err);
    if (rc == -ERR_UNTRUSTED) {
        *ret = OCSP_UNAUTHORIZED;
        return 0;
    }
    TRY(rc);
    if (!ocsp_is_current(knowledge, now)) {
        *ret = OCSP_TRY_LATER;
        return 0;
    }
    TRY(build(knowledge, &request, now, data, err));
    *ret = OCSP_SUCCESSFUL;
    return 0;
}
