/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a platform finds out whether a certificate is revoked, as a registered verifier: by OCSP, in
 * its copy of the revocation feed, or in lists.
 */
#pragma once

#include "platform/revocation/follower.h"
#include "verify/certificate.h"
#include "verify/ocsp_fetch.h"

/*
 * One worker's way to ask; lives on its stack. Whoever asks for a tenant says so in client_id,
 * behind asking_source: what the responder answers is then counted for it (fee/usage.h).
 */
struct asking {
    struct ocsp_fetch fetch; /* first: ocsp_fetch_send looks here */
    struct signer *signer;
    const char *key;
    const struct platform *platform;
    const char *client_id; /* NULL: for nobody */
    enum purpose purpose;
    const char *flow, *step; /* which one it is for base/trace */
    struct ocsp_asker asker;
    struct status_source ocsp, source;
    struct follower_way way;
};

/* The source to ask, which may be in room; NULL if this platform cannot ask. */
const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          enum purpose purpose, struct asking *room);
