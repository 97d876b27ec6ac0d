/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/revocation/asking.h"

#include "base/clock.h"
#include "base/trace.h"
#include "verify/crl_status.h"

enum { ASKING_TIMEOUT_MS = 5000 };

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

/* The lists', in room->source; NULL if there are none. */
static const struct status_source *lists_source(const struct platform *platform,
                                                enum purpose purpose, struct asking *room)
{
    struct crl_lists *lists = platform->lists[purpose == PURPOSE_LOGIN];

    if (lists == NULL)
        return NULL;
    room->source = crl_lists_source(lists);
    return &room->source;
}

const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          enum purpose purpose, struct asking *room)
{
    const struct status_source *ocsp;

    if (platform->status != NULL)
        return platform->status;
    if (platform->policy == REVOCATION_CRL)
        return lists_source(platform, purpose, room);
    ocsp = ocsp_source(platform, signer, purpose, room);
    if (platform->policy == REVOCATION_OCSP)
        return ocsp;
    room->way = (struct follower_way){platform->follower, purpose, ocsp};
    room->source = follower_source(&room->way);
    return &room->source;
}

const char *const asking_checks[] = {"crl", "ocsp", NULL};

int asking_can(const struct platform *platform, enum asking_check check, struct err *err)
{
    const bool can[ASKING_CHECKS_] = {[ASKING_BY_POLICY] = true,
                                      [ASKING_CRL] = platform->lists[0] != NULL,
                                      [ASKING_OCSP] = platform->ocsp.socket != NULL};

    if (!can[check])
        return FAIL(err, ERR_UNTRUSTED, "this platform does not look revocation up in that way");
    return 0;
}

const struct status_source *asking_source_by(const struct platform *platform, struct signer *signer,
                                             enum purpose purpose, enum asking_check check,
                                             struct asking *room)
{
    if (check == ASKING_CRL)
        return lists_source(platform, purpose, room);
    if (check == ASKING_OCSP)
        return ocsp_source(platform, signer, purpose, room);
    return asking_source(platform, signer, purpose, room);
}
