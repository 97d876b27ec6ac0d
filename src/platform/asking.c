/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/asking.h"

enum { ASKING_TIMEOUT_MS = 5000 };

static int sign(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    const struct asking *asking = context;

    return signer_sign(asking->signer, asking->key, SIGNER_OCSP_REQUEST, tbs, ret, err);
}

const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          struct asking *room)
{
    bool is_registered = platform->ocsp.certificate != NULL;

    if (platform->status != NULL)
        return platform->status;
    if (platform->ocsp.socket == NULL)
        return NULL;
    *room = (struct asking){
        .fetch = {.socket = platform->ocsp.socket, .timeout_ms = ASKING_TIMEOUT_MS},
        .signer = signer,
        .key = platform->ocsp.key};
    room->asker = (struct ocsp_asker){.context = room,
                                      .sign = is_registered ? sign : NULL,
                                      .requestor = platform->ocsp.certificate,
                                      .send = ocsp_fetch_send};
    room->source = ocsp_status_source(&room->asker);
    return &room->source;
}
