/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/verification.h"

#include "platform/acts.h"
#include "platform/holder/holder.h"
#include "platform/revocation/asking.h"
#include "platform/text.h"
#include "platform/verification/disclose.h"

#include <stdio.h>

enum { ID_OCTETS = 16 };

static int judge(const struct platform *platform, struct signer *signer,
                 const struct verification_request *request, struct signature_report *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct asking room;
    struct signature_inputs inputs = {
        .digest = request->digest,
        .signature = request->signature,
        .purpose = PURPOSE_DOCUMENT,
        .trust = {.anchors = platform->sign_cas,
                  .status = asking_source(platform, signer, PURPOSE_DOCUMENT, &room),
                  .at = clock_now(platform->clock)},
    };

    TRY(platform_open_certificate(platform, signer, request->certificate, &der, err));
    inputs.certificate = buf_bytes(&der);
    room.client_id = request->client_id;
    return err_prefix(err, signature_verify(&inputs, ret, err), "certificate");
}

static int keep(const struct platform *platform, const struct verification_request *request,
                const struct verification *kept, const struct signature_report *found,
                struct err *err)
{
    const struct audit_origin by = audit_by_role(kept->at, "tenant", request->client_id,
                                                 request->trace_id);
    struct platform_outcome outcome;

    TRY(platform_outcome(found, &outcome, err));
    return platform_keep_verification(platform->store, kept, outcome.text, &by, err);
}

/* A verdict does not depend on whether the authority can say who he is. */
static int name_holder(const struct platform *platform, struct signer *signer,
                       const struct verification_request *request, struct finding *finding,
                       struct err *err)
{
    const struct audit_origin by = audit_by_role(finding->kept.at, "tenant", request->client_id,
                                                 request->trace_id);
    const struct showing showing = {request->client_id, finding->signer, finding->kept.id, &by};
    int rc = holder_show(platform, signer, &showing, finding->holder, err);

    return rc == -ERR_REMOTE ? 0 : rc;
}

int verification_make(const struct platform *platform, struct signer *signer,
                      const struct verification_request *request, struct finding *ret,
                      struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report found = SIGNATURE_REPORT_INIT;
    struct finding finding = {.kept = {.at = clock_now(platform->clock)}};
    struct verification *kept = &finding.kept;

    TRY(judge(platform, signer, request, &found, err));
    finding.report = disclose(&found.report);
    TRY(random_text(ID_OCTETS, kept->id, sizeof kept->id, err));
    (void)snprintf(kept->client_id, sizeof kept->client_id, "%s", request->client_id);
    (void)snprintf(kept->verdict, sizeof kept->verdict, "%s", verdict_name(finding.report.verdict));
    TRY(keep(platform, request, kept, &found, err));
    if (finding.report.verdict == VERDICT_VALID) {
        finding.signer = found.signer;
        TRY(name_holder(platform, signer, request, &finding, err));
        found.signer = NULL;
    }
    *ret = finding;
    return 0;
}

void finding_done(struct finding *finding)
{
    x509_cert_freep(&finding->signer);
}
