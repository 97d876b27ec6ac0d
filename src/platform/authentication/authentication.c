/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/authentication/authentication.h"

#include "base/random_text.h"
#include "platform/acts.h"
#include "platform/authentication/reference.h"
#include "platform/door.h"
#include "platform/holder/holder.h"
#include "platform/login/auth.h"
#include "platform/login/holder.h"
#include "platform/revocation/asking.h"
#include "platform/verification/disclose.h"

#include <string.h>

/* What both keys had to sign, and what was found about them, alone and together. */
struct findings {
    struct digest message;
    struct signature_report auth, sign;
    struct report report;
};

static void findings_done(struct findings *findings)
{
    signature_report_done(&findings->auth);
    signature_report_done(&findings->sign);
}

/* That it is late already is a verdict (verify/login.h), not a mistake of the tenant. */
static int check_message(const struct authentication_request *request, int64_t now,
                         struct digest *ret, struct err *err)
{
    TRY(err_prefix(err, bound_digest(&request->message, ret, err), "message"));
    if (strcmp(request->message.origin, request->tenant->origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the message has another origin than this tenant");
    if (request->message.expires_at > now + AUTHENTICATION_AHEAD)
        return FAIL(err, ERR_UNTRUSTED, "the message expires more than %d seconds from now",
                    AUTHENTICATION_AHEAD);
    return 0;
}

static int judge_auth(const struct platform *platform, struct signer *signer,
                      const struct authentication_request *request, struct signature_report *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct auth_claim claim = {.tenant = request->tenant->client_id,
                               .bound = &request->message,
                               .signature = request->auth.signature};

    TRY(platform_open_certificate(platform, signer, request->auth.certificate, &der, err));
    claim.certificate = buf_bytes(&der);
    return err_prefix(err, auth_find(platform, signer, &claim, ret, err), "certificate");
}

static int judge_sign(const struct platform *platform, struct signer *signer,
                      const struct authentication_request *request, struct findings *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct asking room;
    struct signature_inputs inputs = {
        .digest = ret->message,
        .signature = request->sign.signature,
        .purpose = PURPOSE_DOCUMENT,
        .trust = {.anchors = platform->sign_cas,
                  .status = asking_source(platform, signer, PURPOSE_DOCUMENT, &room),
                  .at = clock_now(platform->clock)},
    };

    TRY(platform_open_certificate(platform, signer, request->sign.certificate, &der, err));
    inputs.certificate = buf_bytes(&der);
    room.client_id = request->tenant->client_id;
    TRY(err_prefix(err, signature_verify(&inputs, &ret->sign, err), "certificate"));
    platform_tell_judged(platform, &(struct judged){inputs.digest, &inputs.trust, &ret->sign});
    return 0;
}

static struct holder_key key_of(const struct x509_cert *cert)
{
    return (struct holder_key){x509_cert_tbs(cert)->authority_key_id, x509_cert_tbs(cert)->serial};
}

/*
 * Whether both certificates are one person's: the authority leads from the sign certificate to the
 * auth certificate that goes with it now, which must be the one shown.
 */
static int judge_persons(const struct platform *platform, struct signer *signer,
                         struct findings *findings, struct err *err)
{
    const struct holder_key auth = key_of(findings->auth.signer);
    CLEANUP(linked_done) struct linked other = {.is_there = false};
    int rc;

    if (!door_is_there(platform))
        return FAIL(err, ERR_REMOTE,
                    "this platform has no way to ask the authority whose certificates they are");
    rc = door_counterpart(platform, signer, x509_cert_der(findings->sign.signer), &other, err);
    if (rc != -ERR_ABSENT)
        TRY(rc);
    if (!other.is_there || !bytes_equal(buf_bytes(&other.issuer), auth.issuer) ||
        !bytes_equal(buf_bytes(&other.serial), auth.serial))
        report_add(&findings->report, REASON_HOLDERS_DIFFER);
    return 0;
}

static int judge(const struct platform *platform, struct signer *signer,
                 const struct authentication_request *request, struct findings *ret,
                 struct err *err)
{
    TRY(judge_auth(platform, signer, request, &ret->auth, err));
    report_merge(&ret->report, &ret->auth.report);
    if (request->sign.certificate == NULL)
        return 0;
    TRY(err_prefix(err, judge_sign(platform, signer, request, ret, err), "sign"));
    report_merge(&ret->report, &ret->sign.report);
    return ret->report.verdict == VERDICT_VALID ? judge_persons(platform, signer, ret, err) : 0;
}

/* The tenant has been shown him, by the certificate that its attributes come from, if there is one.
 */
static int note_holder(const struct platform *platform, struct signer *signer,
                       const struct showing *showing, const struct holder_shown *shown,
                       struct err *err)
{
    char name[HOLDER_NAME_SIZE];

    if (showing->cert == NULL)
        return platform_show_holder(platform->store, shown, showing->by, err);
    return holder_show(platform, signer, showing, name, err);
}

static int keep(const struct platform *platform, struct signer *signer,
                const struct authentication_request *request, const struct findings *findings,
                struct authentication *ret, struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(platform->clock), "tenant",
                                                 request->tenant->client_id, request->trace_id);
    const struct holder_key who = key_of(findings->auth.signer);
    struct authentication_record record = {.client_id = request->tenant->client_id,
                                           .session = request->message.session,
                                           .nonce = request->message.nonce,
                                           .expires_at = request->message.expires_at,
                                           .what = {"authentication",
                                                    verdict_name(findings->report.verdict),
                                                    usage_method(platform, ASKING_BY_POLICY)}};
    struct platform_outcome outcome;
    uint8_t holder[HOLDER_ID_SIZE];
    const struct holder_shown shown = {request->tenant->client_id, ret->holder, holder, NULL};
    const struct showing showing = {request->tenant->client_id, findings->sign.signer, ret->id,
                                    &by};

    memcpy(record.id, ret->id, sizeof record.id);
    TRY(platform_outcome_of(&findings->report, &outcome, err));
    platform_outcome_add(&outcome, &findings->auth.status);
    platform_outcome_add(&outcome, &findings->sign.status);
    record.outcome = outcome.text;
    if (findings->report.verdict != VERDICT_VALID)
        return platform_note_authentication(platform->store, &record, &by, err);
    TRY(holder_recognise(platform, signer, &who, ret->id, &by, err));
    /* Last, so that nothing has counted that is not answered. */
    TRY(platform_get_holder(platform->store, &who, holder, err));
    TRY(login_subject(platform, request->tenant->client_id, holder, ret->holder, err));
    TRY(note_holder(platform, signer, &showing, &shown, err));
    return platform_count_authentication(platform->store, &record, &by, err);
}

int authentication_make(const struct platform *platform, struct signer *signer,
                        const struct authentication_request *request, struct authentication *ret,
                        struct err *err)
{
    CLEANUP(findings_done)
    struct findings findings = {.auth = SIGNATURE_REPORT_INIT, .sign = SIGNATURE_REPORT_INIT};
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;

    if (request->wants_reference && !reference_is_for(platform, request->tenant->client_id))
        return FAIL(err, ERR_DENIED, "person references are not for this tenant");
    TRY(check_message(request, clock_now(platform->clock), &findings.message, err));
    TRY(judge(platform, signer, request, &findings, err));
    made.report = disclose(&findings.report);
    if (request->wants_reference && made.report.verdict == VERDICT_VALID)
        TRY(reference_make(platform, findings.auth.signer, &made.reference, err));
    TRY(random_text(made.id, sizeof made.id, err));
    TRY(keep(platform, signer, request, &findings, &made, err));
    if (made.report.verdict == VERDICT_VALID) {
        made.signer = findings.sign.signer;
        findings.sign.signer = NULL;
    }
    *ret = made;
    made = (struct authentication)AUTHENTICATION_INIT;
    return 0;
}

void authentication_done(struct authentication *authentication)
{
    x509_cert_freep(&authentication->signer);
    buf_done(&authentication->reference);
}
