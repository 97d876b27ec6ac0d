/* SPDX-License-Identifier: Apache-2.0 */
/* How a platform asks whether a certificate is revoked: by OCSP, as a registered verifier. */
#pragma once

#include "platform/platform.h"
#include "verify/certificate.h"
#include "verify/ocsp_fetch.h"

/* One worker's way to ask; lives on its stack. */
struct asking {
    struct ocsp_fetch fetch; /* first: ocsp_fetch_send looks here */
    struct signer *signer;
    const char *key;
    const char *flow, *step; /* which one it is for base/trace */
    struct ocsp_asker asker;
    struct status_source source;
};

/* The source to ask, which may be in room; NULL if this platform cannot ask. */
const struct status_source *asking_source(const struct platform *platform, struct signer *signer,
                                          enum purpose purpose, struct asking *room);
