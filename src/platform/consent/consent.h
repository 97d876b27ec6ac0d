/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents of holders to the latest attributes, handed on to the authority (design 5, F5; pki.md
 * 5). A provider brings what the holder signed with the sign key (docsign/consent_xml.h) and the
 * certificate, which it cannot read. The signature is verified here, the certificate's revocation
 * asked for, and the authority takes the consent or says why not.
 */
#pragma once

#include "http/problem.h"
#include "platform/consent/store.h"
#include "platform/platform.h"

struct consent_request {
    const char *client_id; /* of the tenant that brings it */
    struct bytes document, signature;
    const char *certificate; /* compact JWE */
    bool is_withdrawal;      /* what the tenant says it is */
    const char *trace_id;
};

/* Why a consent was not taken: the places in consent_refusals. */
enum consent_refusal {
    REFUSAL_OTHER_PROVIDER,
    REFUSAL_OTHER_VERIFIER,
    REFUSAL_NOT_NOTIFIED,
    REFUSAL_DUPLICATE,
    REFUSAL_OUTDATED,
    REFUSAL_NO_CONSENT,
    REFUSAL_SIGNER,
    REFUSAL_STALE,
};
extern const struct http_problem consent_refusals[];

/*
 * Hand it on. *ret is the consent as it now stands; with a withdrawal the last one that it ended.
 * Failures with a name are of consent_refusals; ERR_REMOTE if the authority cannot be asked, or
 * whether the certificate is in force cannot be found out; else as platform_open_certificate.
 */
MUST_CHECK int consent_hand_on(const struct platform *platform, struct signer *signer,
                               const struct consent_request *request, struct kept_consent *ret,
                               bool *ret_is_new, struct err *err);

/*
 * Learn from the authority which of its providers are tenants, and take what became of their
 * consents there. ERR_REMOTE if it cannot be asked.
 */
MUST_CHECK int consent_poll_all(const struct platform *platform, struct signer *signer,
                                struct err *err);
