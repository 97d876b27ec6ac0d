/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/revocation/asking.h"

#include "base/clock.h"
#include "base/trace.h"
#include "platform/fee/usage.h"
#include "verify/crl_status.h"

enum {
    ASKING_TIMEOUT_MS = 5000,
    REFUSAL_SIZE =
        5, /* an OCSPResponse with a status alone (RFC 6960, 4.2.1), which costs nothing */
};

static int sign(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    const struct asking *asking = context;

    return signer_sign(asking->signer, asking->key, SIGNER_OCSP_REQUEST, tbs, ret, err);
}

static int send(const void *context, const struct x509_cert *cert, struct bytes request,
                struct buf *ret, struct err *err)
{
    const struct asking *asking = context;
    int64_t began_us = monotonic_us();

    TRY(ocsp_fetch_send(&asking->fetch, cert, request, ret, err));
    if (asking->client_id != NULL && ret->len > REFUSAL_SIZE)
        TRY(platform_count_use(asking->platform->store, asking->client_id,
                               asking->purpose == PURPOSE_LOGIN ? FEE_AUTH_CHECK : FEE_SIGN_CHECK,
                               clock_now(asking->platform->clock), err));
    trace_step_at(began_us, asking->flow, asking->step,
                  "the platform asked the authority whether the certificate is in force", NULL);
    return 0;
}

/* The responder's, in room->ocsp; NULL if there is none to be asked. */
static const struct status_source *ocsp_source(const struct platform *platform,
                                               struct signer *signer, enum purpose purpose,
                                               struct asking *room)
{
    bool is_registered = platform->ocsp.certificate != NULL;

    if (platform->ocsp.socket == NULL)
        return NULL;
    *room = (struct asking){
        .fetch = {.socket = platform->ocsp.socket, .timeout_ms = ASKING_TIMEOUT_MS},
        .signer = signer,
        .platform = platform,
        .purpose = purpose,
        .key = platform->ocsp.key,
        .flow = purpose == PURPOSE_LOGIN ? "F3" : "F2",
        .step = purpose == PURPOSE_LOGIN ? "⑥" : "⑤"};
    room->asker = (struct ocsp_asker){.context = room,
                                      .sign = is_registered ? sign : NULL,
                                      .requestor = platform->ocsp.certificate,
                                      .send = send};
    room->ocsp = ocsp_status_source(&room->asker);
    return &room->ocsp;
}

const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          enum purpose purpose, struct asking *room)
{
    const struct status_source *ocsp;

    if (platform->status != NULL)
        return platform->status;
    if (platform->policy == REVOCATION_CRL) {
        room->source = crl_lists_source(platform->lists[purpose == PURPOSE_LOGIN]);
        return &room->source;
    }
    ocsp = ocsp_source(platform, signer, purpose, room);
    if (platform->policy == REVOCATION_OCSP)
        return ocsp;
    room->way = (struct follower_way){platform->follower, purpose, ocsp};
    room->source = follower_source(&room->way);
    return &room->source;
}
