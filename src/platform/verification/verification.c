/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/verification.h"

#include "platform/authentication/reference.h"
#include "platform/verification/disclose.h"
#include "platform/verification/record.h"

const char *const verification_purposes[] = {
    [VERIFY_SIGNATURE] = "signature", [VERIFY_LIVENESS] = "liveness", [VERIFY_PURPOSES_] = NULL};

static int judge(const struct platform *platform, struct signer *signer,
                 const struct verification_request *request, struct signature_report *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct asking room;
    struct signature_inputs inputs = {
        .digest = request->digest,
        .form = request->form,
        .signature = request->signature,
        .purpose = PURPOSE_DOCUMENT,
        .trust = {.anchors = platform->sign_cas,
                  .status = asking_source_by(platform, signer, PURPOSE_DOCUMENT, request->check,
                                             &room),
                  .at = clock_now(platform->clock)},
    };

    TRY(asking_can(platform, request->check, err));
    TRY(platform_open_certificate(platform, signer, request->certificate, &der, err));
    inputs.certificate = buf_bytes(&der);
    room.client_id = request->client_id;
    TRY(err_prefix(err, signature_verify(&inputs, ret, err), "certificate"));
    platform_tell_judged(platform, &(struct judged){inputs.digest, &inputs.trust, ret});
    return 0;
}

/* Somebody whom the tenant was not shown by this certificate before. */
static int name_signer(const struct platform *platform, struct signer *signer,
                       const struct verification_request *request, struct finding *finding,
                       struct err *err)
{
    const struct audit_origin by = audit_by_role(finding->kept.at, "tenant", request->client_id,
                                                 request->trace_id);
    const struct showing showing = {request->client_id, finding->signer, finding->kept.id, &by};

    if (finding->signer == NULL || finding->holder[0] != '\0')
        return 0;
    return record_signer(platform, signer, &showing, finding->holder, err);
}

/* It is kept, and whoever is known by the signer's certificate is named. */
static int keep(const struct platform *platform, const struct verification_request *request,
                const struct signature_report *found, struct finding *finding, struct err *err)
{
    const bool is_told = finding->report.verdict == VERDICT_VALID &&
                         request->purpose == VERIFY_SIGNATURE;
    const struct audit_origin by = audit_by_role(finding->kept.at, "tenant", request->client_id,
                                                 request->trace_id);
    struct platform_outcome outcome;
    struct holder_key key;
    struct verification_keeping keeping = {&finding->kept, request->once, outcome.text, NULL};

    TRY(platform_outcome(found, &outcome, err));
    if (is_told) {
        key = holder_key_of(found->signer);
        keeping.signer = &key;
    }
    TRY(platform_keep_named(platform->store, &keeping, &by, finding->holder, err));
    if (is_told)
        finding->signer = found->signer;
    return 0;
}

static int make(const struct platform *platform, struct signer *signer,
                const struct verification_request *request, struct finding *ret, struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report found = SIGNATURE_REPORT_INIT;
    struct finding finding = FINDING_INIT;

    TRY(judge(platform, signer, request, &found, err));
    finding.report = disclose(&found.report);
    TRY(record_describe(platform, request, verification_kind, &finding.report, &finding.kept, err));
    TRY(keep(platform, request, &found, &finding, err));
    TRY(name_signer(platform, signer, request, &finding, err));
    if (request->wants_reference && finding.signer != NULL)
        TRY(reference_make(platform, finding.signer, &finding.reference, err));
    if (finding.signer != NULL)
        found.signer = NULL;
    *ret = finding;
    return 0;
}

static int replay(const struct platform *platform, const struct verification_request *request,
                  struct finding *ret, struct err *err)
{
    struct finding finding = {.is_replayed = true};

    TRY(record_replay(platform, request, &finding.kept, err));
    finding.report = verification_report(&finding.kept);
    *ret = finding;
    return 0;
}

struct report verification_report(const struct verification *kept)
{
    return record_report(kept->reasons);
}

int verification_make(const struct platform *platform, struct signer *signer,
                      const struct verification_request *request, struct finding *ret,
                      struct err *err)
{
    int rc;

    if (request->wants_reference && !reference_is_for(platform, request->client_id))
        return FAIL(err, ERR_DENIED, "person references are not for this tenant");
    rc = replay(platform, request, ret, err);
    if (rc != -ERR_ABSENT)
        return rc;
    rc = make(platform, signer, request, ret, err);
    /* The same request at the same moment was faster. */
    if (rc == -ERR_CONFLICT && request->once != NULL)
        return replay(platform, request, ret, err);
    return rc;
}

void finding_done(struct finding *finding)
{
    x509_cert_freep(&finding->signer);
    buf_done(&finding->reference);
}
