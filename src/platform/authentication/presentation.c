/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/authentication/presentation.h"

#include "base/random_text.h"
#include "platform/acts.h"
#include "platform/authentication/reference.h"
#include "platform/revocation/asking.h"
#include "platform/verification/disclose.h"
#include "verify/certificate.h"

#include <string.h>

/* What was found about the certificate. */
struct found {
    struct x509_cert *cert;
    struct report report;
    struct certificate_facts facts;
};

static void found_done(struct found *found)
{
    x509_cert_freep(&found->cert);
}

static int judge(const struct platform *platform, struct signer *signer,
                 const struct presentation_request *request, struct found *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct asking room;
    const struct trust trust = {.anchors = platform->auth_cas,
                                .status = asking_source(platform, signer, PURPOSE_LOGIN, &room),
                                .at = clock_now(platform->clock)};

    room.client_id = request->tenant->client_id;
    TRY(platform_open_certificate(platform, signer, request->certificate, &der, err));
    TRY(err_prefix(err, x509_cert_parse(buf_bytes(&der), &ret->cert, err), "certificate"));
    return certificate_verify(ret->cert, PURPOSE_LOGIN, &trust, &ret->report, &ret->facts, err);
}

static int keep(const struct platform *platform, const struct presentation_request *request,
                const struct found *found, const struct presentation *made, struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(platform->clock), "tenant",
                                                 request->tenant->client_id, request->trace_id);
    struct authentication_record record = {.client_id = request->tenant->client_id,
                                           .what = {"presentation",
                                                    verdict_name(found->report.verdict),
                                                    usage_method(platform, ASKING_BY_POLICY)}};
    struct platform_outcome outcome;

    memcpy(record.id, made->id, sizeof record.id);
    TRY(platform_outcome_of(&found->report, &outcome, err));
    platform_outcome_add(&outcome, &found->facts.status);
    record.outcome = outcome.text;
    return platform_note_presentation(platform->store, &record, &by, err);
}

int presentation_make(const struct platform *platform, struct signer *signer,
                      const struct presentation_request *request, struct presentation *ret,
                      struct err *err)
{
    CLEANUP(found_done) struct found found = {.report = {.verdict = VERDICT_VALID}};
    CLEANUP(presentation_done) struct presentation made = PRESENTATION_INIT;

    if (!reference_is_for(platform, request->tenant->client_id))
        return FAIL(err, ERR_DENIED, "cards that sign nothing are not for this tenant");
    TRY(judge(platform, signer, request, &found, err));
    made.report = disclose(&found.report);
    if (made.report.verdict == VERDICT_VALID)
        TRY(reference_make(platform, found.cert, &made.reference, err));
    TRY(random_text(made.id, sizeof made.id, err));
    TRY(keep(platform, request, &found, &made, err));
    *ret = made;
    made = (struct presentation)PRESENTATION_INIT;
    return 0;
}

void presentation_done(struct presentation *presentation)
{
    buf_done(&presentation->reference);
}
