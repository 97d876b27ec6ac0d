/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/verification.h"

#include "base/random_text.h"
#include "platform/acts.h"
#include "platform/holder/holder.h"
#include "platform/verification/disclose.h"

#include <stdio.h>
#include <string.h>

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
    return err_prefix(err, signature_verify(&inputs, ret, err), "certificate");
}

static int put_reasons(const struct report *report, char ret[VERIFICATION_REASONS_SIZE],
                       struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(buf_append_format(&text, err, "%s%s", i == 0 ? "" : " ",
                              reason_name(report->reasons[i])));
    (void)snprintf(ret, VERIFICATION_REASONS_SIZE, "%.*s", (int)text.len, (const char *)text.ptr);
    return 0;
}

struct report verification_report(const struct verification *kept)
{
    struct report report = {.verdict = VERDICT_VALID};
    const char *at = kept->reasons;

    while (*at != '\0') {
        size_t len = strcspn(at, " ");

        for (unsigned i = 0; i < REASONS_; i++) {
            const char *name = reason_name((enum reason)i);

            if (strlen(name) == len && strncmp(name, at, len) == 0)
                report_add(&report, (enum reason)i);
        }
        at += len + (at[len] == ' ');
    }
    return report;
}

static int keep(const struct platform *platform, const struct verification_request *request,
                const struct verification *kept, const struct signature_report *found,
                struct err *err)
{
    const struct audit_origin by = audit_by_role(kept->at, "tenant", request->client_id,
                                                 request->trace_id);
    struct platform_outcome outcome;

    TRY(platform_outcome(found, &outcome, err));
    return platform_keep_verification(platform->store, kept, request->once, outcome.text, &by, err);
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

static int describe(const struct platform *platform, const struct verification_request *request,
                    const struct report *report, struct verification *ret, struct err *err)
{
    *ret = (struct verification){.at = clock_now(platform->clock), .digest = request->digest};
    TRY(random_text(ret->id, sizeof ret->id, err));
    (void)snprintf(ret->client_id, sizeof ret->client_id, "%s", request->client_id);
    (void)snprintf(ret->verdict, sizeof ret->verdict, "%s", verdict_name(report->verdict));
    (void)snprintf(ret->purpose, sizeof ret->purpose, "%s",
                   verification_purposes[request->purpose]);
    return put_reasons(report, ret->reasons, err);
}

static int make(const struct platform *platform, struct signer *signer,
                const struct verification_request *request, struct finding *ret, struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report found = SIGNATURE_REPORT_INIT;
    struct finding finding = FINDING_INIT;

    TRY(judge(platform, signer, request, &found, err));
    finding.report = disclose(&found.report);
    TRY(describe(platform, request, &finding.report, &finding.kept, err));
    TRY(keep(platform, request, &finding.kept, &found, err));
    if (finding.report.verdict == VERDICT_VALID && request->purpose == VERIFY_SIGNATURE) {
        finding.signer = found.signer;
        TRY(name_holder(platform, signer, request, &finding, err));
        found.signer = NULL;
    }
    *ret = finding;
    return 0;
}

/* What was answered before. ERR_ABSENT: nothing. */
static int replay(const struct platform *platform, const struct verification_request *request,
                  struct finding *ret, struct err *err)
{
    struct finding finding = {.is_replayed = true};

    if (request->once == NULL)
        return FAIL(err, ERR_ABSENT, "asked anew each time");
    TRY(platform_get_verification_once(platform->store, request->client_id, request->once,
                                       clock_now(platform->clock), &finding.kept, err));
    finding.report = verification_report(&finding.kept);
    *ret = finding;
    return 0;
}

int verification_make(const struct platform *platform, struct signer *signer,
                      const struct verification_request *request, struct finding *ret,
                      struct err *err)
{
    int rc = replay(platform, request, ret, err);

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
}
