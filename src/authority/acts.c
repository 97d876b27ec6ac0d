/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/acts.h"

#include <stdio.h>

const struct audit_act authority_acts[] = {
    [ACT_CA_MADE] = {"ca.made", "ca"},
    [ACT_CERTIFICATE_ISSUED] = {"certificate.issued", "certificate"},
    [ACT_RESPONDER_ISSUED] = {"responder.issued", "certificate"},
    [ACT_CERTIFICATE_REVOKED] = {"certificate.revoked", "certificate"},
    [ACT_CERTIFICATE_RELEASED] = {"certificate.released", "certificate"},
    [ACT_PHONE_ENROLLED] = {"phone.enrolled", "certificate"},
    [ACT_PHONE_TRACED] = {"phone.traced", "certificate"},
    [ACT_VERIFIER_ADDED] = {"verifier.added", "verifier"},
    [ACT_VERIFIER_REMOVED] = {"verifier.removed", "verifier"},
    [ACT_VERIFIER_STEP] = {"verifier.step", "verifier"},
    [ACT_VERIFIER_CERTIFICATE] = {"verifier.certificate", "verifier"},
    [ACT_CRL_REPLACED] = {"crl.replaced", "crl"},
    [ACT_CONSENT_GIVEN] = {"consent.given", "consent"},
    [ACT_CONSENT_WITHDRAWN] = {"consent.withdrawn", "consent"},
    [ACT_CONSENTS_LISTED] = {"consents.listed", "certificate"},
    [ACT_LATEST_ANSWERED] = {"latest.answered", "certificate"},
    [ACT_USAGE_COUNTED] = {"usage.counted", "meter"},
    [ACT_LINK_ANSWERED] = {"link.answered", "certificate"},
    [ACT_FEED_SNAPSHOT] = {"feed.snapshot", "feed"},
    [ACT_FEED_FETCHED] = {"feed.fetched", "feed"},
};

struct certificate_id certificate_id(enum ca_kind kind, uint32_t serial)
{
    struct certificate_id id;

    (void)snprintf(id.text, sizeof id.text, "%s %lu", ca_kind_name(kind), (unsigned long)serial);
    return id;
}

struct certificate_id generation_id(enum ca_kind kind, unsigned generation)
{
    struct certificate_id id;

    (void)snprintf(id.text, sizeof id.text, "%s generation %u", ca_kind_name(kind), generation);
    return id;
}
