/* SPDX-License-Identifier: Apache-2.0 */
#include "register/proof.h"

#include "register/authority_client.h"
#include "register/refusal.h"
#include "verify/document.h"
#include "verify/login.h"

/* Where the authority is asked about certificates of one kind. */
struct question_context {
    struct prover *prover;
    enum cert_kind kind;
};

/* The last good word counts while there is nobody to ask, and not for ever. */
static bool is_kept_good(const struct prover *prover)
{
    return prover->good_at != 0 && prover->now >= prover->good_at &&
           prover->now - prover->good_at <= STATUS_KEPT_SECONDS;
}

static int ask_status(struct prover *prover, enum cert_kind kind, uint64_t serial, bool *ret,
                      struct err *err)
{
    int rc = authority_ask_status(prover->authority, kind, serial, ret, err);

    if (rc == 0 && *ret)
        prover->good_at = prover->now;
    if (rc != -ERR_REMOTE || !is_kept_good(prover))
        return rc;
    *ret = true;
    return 0;
}

/* Anything but a plain yes or no leaves the status unknown, which is never good. */
static int ask_authority(const void *context, const struct status_question *question,
                         struct report *report, struct status *ret, struct err *err)
{
    const struct question_context *asked = context;
    uint64_t serial = tbs_serial_number(x509_cert_tbs(question->cert));
    struct status status = {.reason = -1, .revoked_at = STATUS_NO_TIME};
    bool is_in_force = false;
    int rc = ask_status(asked->prover, asked->kind, serial, &is_in_force, err);

    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0) {
        report_add(report, REASON_STATUS_UNKNOWN);
    } else {
        status.answer = is_in_force ? STATUS_GOOD : STATUS_REVOKED;
        status_report(&status, report);
    }
    *ret = status;
    return 0;
}

static struct trust trust_of(const struct prover *prover, const struct status_source *source)
{
    return (struct trust){.anchors = prover->anchors, .status = source, .at = prover->now};
}

static bool has_any(const struct report *report, const enum reason *reasons, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (report_has(report, reasons[i]))
            return true;
    }
    return false;
}

/* What is wrong first is told; the rest would be no help before that is mended. */
static int judge(const struct report *report, struct err *err)
{
    static const enum reason broken[] = {REASON_DOCUMENT_CHANGED, REASON_SIGNATURE_BROKEN,
                                         REASON_WEAK_HASH, REASON_SIGNER_CERTIFICATE_MISSING,
                                         REASON_SIGNER_CERTIFICATE_REPLACED};
    static const enum reason revoked[] = {REASON_REVOKED, REASON_HELD};

    if (report->verdict == VERDICT_VALID)
        return 0;
    if (has_any(report, broken, sizeof broken / sizeof broken[0]))
        return refuse(err, REFUSED_SIGNATURE);
    if (has_any(report, revoked, sizeof revoked / sizeof revoked[0]))
        return refuse(err, REFUSED_REVOKED);
    if (report_has(report, REASON_CHALLENGE_EXPIRED))
        return refuse(err, REFUSED_CHALLENGE);
    if (report->reason_count == 1 && report_has(report, REASON_STATUS_UNKNOWN))
        return refuse(err, REFUSED_STATUS);
    return refuse(err, REFUSED_CERTIFICATE);
}

int proof_of_document(struct prover *prover, struct bytes document, struct bytes cms,
                      struct x509_cert **ret, struct err *err)
{
    const struct question_context asked = {prover, CERT_SIGN};
    const struct status_source source = {ask_authority, &asked};
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    struct document_inputs inputs = {.cms = cms, .trust = trust_of(prover, &source)};
    enum digest_alg alg;

    TRY(document_digest_alg(cms, &alg, err));
    TRY(digest_compute(alg, document, &inputs.document, err));
    TRY(document_verify(&inputs, &report, err));
    TRY(judge(&report.report, err));
    *ret = report.signer;
    report.signer = NULL;
    return 0;
}

int proof_of_standing(struct prover *prover, enum cert_kind kind, uint32_t serial, struct err *err)
{
    bool is_in_force = false;
    int rc = ask_status(prover, kind, serial, &is_in_force, err);

    if (rc == -ERR_REMOTE || rc == -ERR_ABSENT)
        return refuse(err, REFUSED_STATUS);
    TRY(rc);
    return is_in_force ? 0 : refuse(err, REFUSED_REVOKED);
}

int proof_of_login(struct prover *prover, const struct bound *bound, struct bytes certificate,
                   struct bytes signature, struct err *err)
{
    const struct question_context asked = {prover, CERT_AUTH};
    const struct status_source source = {ask_authority, &asked};
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    const struct login_inputs inputs = {.bound = bound,
                                        .signature = signature,
                                        .certificate = certificate,
                                        .trust = trust_of(prover, &source)};

    TRY(login_verify(&inputs, &report, err));
    return judge(&report.report, err);
}

int proof_of_certificate(struct prover *prover, struct bytes der, struct err *err)
{
    const struct question_context asked = {prover, CERT_AUTH};
    const struct status_source source = {ask_authority, &asked};
    const struct trust trust = trust_of(prover, &source);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct report report = {.verdict = VERDICT_VALID};
    struct certificate_facts facts;

    TRY(x509_cert_parse(der, &cert, err));
    TRY(certificate_verify(cert, PURPOSE_LOGIN, &trust, &report, &facts, err));
    return judge(&report, err);
}
