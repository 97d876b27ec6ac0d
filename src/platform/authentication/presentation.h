/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that was shown and signed nothing: somebody has compared its holder with the photo on it,
 * and its auth certificate was read without a PIN (docs/decisions/0098). Whoever has ever read a
 * certificate can show it again, so this says that the certificate counts and never that somebody
 * is there. It is for the tenants that person references are for, and tells them nobody's
 * pseudonym.
 */
#pragma once

#include "platform/authentication/authentication.h"

struct presentation_request {
    const struct tenant *tenant;
    const char *certificate; /* compact JWE */
    const char *trace_id;    /* of the request, for the audit log; NULL: none */
};

struct presentation {
    char id[AUTHENTICATION_ID_SIZE];
    struct report report; /* as it may be told (verification/disclose.h) */
    struct buf reference; /* empty unless valid */
};

#define PRESENTATION_INIT                                                                          \
    {                                                                                              \
        .report = {VERDICT_INDETERMINATE, {REASON_DOCUMENT_CHANGED}, 0}, .reference = BUF_INIT     \
    }

/*
 * A verdict is a success, whichever it is, and in the audit log before it is given. ERR_DENIED for
 * a tenant that references are not for; else as platform_open_certificate.
 */
MUST_CHECK int presentation_make(const struct platform *platform, struct signer *signer,
                                 const struct presentation_request *request,
                                 struct presentation *ret, struct err *err);
void presentation_done(struct presentation *presentation);
