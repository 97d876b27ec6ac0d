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
           now >= responder->not_before && now < responder->not_after;
}

/*
 * Which generation a CA certificate is follows from its own number, which is one of the same
 * sequence: no setting can say something else.
 */
static bool is_of_this_generation(const struct ocsp_knowledge *k, uint32_t serial)
{
    uint64_t own = tbs_serial_number(x509_cert_tbs(k->ca));

    return own <= UINT32_MAX &&
           serial_runs_find(k->runs, serial) == serial_runs_find(k->runs, (uint32_t)own);
}

void ocsp_look_up(const struct ocsp_knowledge *k, uint64_t serial, struct ocsp_single *single)
{
    struct revocation found;

    single->status = OCSP_UNKNOWN;
    single->revoked_at = 0;
    single->reason = -1;
    if (serial == 0 || serial > k->issued || !is_of_this_generation(k, (uint32_t)serial))
        return;
    if (overlay_find(k->revoked, k->recent, (uint32_t)serial, &found, NULL) < 0) {
        if (!gaps_contain(k->gaps, (uint32_t)serial))
            single->status = OCSP_GOOD;
        return;
    }
    single->status = OCSP_REVOKED;
    single->revoked_at = found.at;
    single->reason = (int)found.reason;
}

bool ocsp_same_status(const struct ocsp_single *a, const struct ocsp_single *b)
{
    return a->status == b->status && a->revoked_at == b->revoked_at && a->reason == b->reason;
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
    int64_t responder_end = x509_cert_tbs(k->responder)->not_after;

    single->this_update = tick_of(confirmed_at, k->refresh_s);
    single->next_update = confirmed_at + k->valid_s;
    if (k->refresh_s > 0 && next_tick < single->next_update)
        single->next_update = next_tick;
    if (responder_end < single->next_update)
        single->next_update = responder_end;
}

int ocsp_build(const struct ocsp_knowledge *k, const struct ocsp_request *request, int64_t now,
               struct ocsp_response *ret, struct buf *data, struct err *err)
{
    struct ocsp_response response = {
        .produced_at = now, .count = request->count, .nonce = request->nonce};
    struct digest key_hash;

    TRY(ocsp_responder_key_hash(x509_cert_tbs(k->responder), &key_hash, err));
    response.responder_key_hash = digest_bytes(&key_hash);
    for (size_t i = 0; i < request->count; i++) {
        struct ocsp_single *single = &response.singles[i];
        bool is_ours;

        single->id = request->ids[i];
        set_times(k, now, single);
        TRY(ocsp_cert_id_names(&single->id, x509_cert_tbs(k->ca), &is_ours, err));
        ocsp_look_up(k, is_ours ? ocsp_cert_id_serial(&single->id) : 0, single);
    }
    TRY(ocsp_response_build_data(&response, data, err));
    *ret = response;
    ret->responder_key_hash = (struct bytes){NULL, 0};
    return 0;
}

/* ERR_UNTRUSTED unless it is one of those who may ask. */
static int check_caller(const struct ocsp_knowledge *k, const struct ocsp_request *request,
                        struct ocsp_client *client, int64_t now, struct err *err)
{
    if (k->requesters == NULL)
        return FAIL(err, ERR_UNTRUSTED, "nobody is registered");
    if (client->certificate != NULL &&
        requesters_check_tls(k->requesters, client->certificate, now, &client->place, err) == 0)
        return 0;
    return requesters_check(k->requesters, request, now, &client->place, err);
}

int ocsp_admit(const struct ocsp_knowledge *k, const struct ocsp_request *request,
               struct ocsp_client *client, int64_t now, enum ocsp_status *ret, struct err *err)
{
    bool is_anonymous = client->certificate == NULL || client->certificate[0] == '\0';
    int rc;

    if (is_anonymous && !request->signature.is_there) {
        *ret = OCSP_SIG_REQUIRED;
        return 0;
    }
    rc = check_caller(k, request, client, now, err);
    if (rc == -ERR_UNTRUSTED) {
        *ret = OCSP_UNAUTHORIZED;
        return 0;
    }
    TRY(rc);
    *ret = ocsp_is_current(k, now) ? OCSP_SUCCESSFUL : OCSP_TRY_LATER;
    return 0;
}
