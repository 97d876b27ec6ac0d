/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/consent/consent.h"

#include "base/trace.h"
#include "docsign/consent_xml.h"
#include "platform/door.h"
#include "platform/holder/holder.h"
#include "platform/revocation/asking.h"
#include "platform/verification/disclose.h"
#include "verify/signature.h"

#include <stdio.h>
#include <string.h>

const struct http_problem consent_refusals[] = {
    [REFUSAL_OTHER_PROVIDER] = {"other-provider", ERR_DENIED, "the document is for another one"},
    [REFUSAL_OTHER_VERIFIER] = {"other-verifier", ERR_DENIED, "it is for another platform"},
    [REFUSAL_NOT_NOTIFIED] = {"not-notified", ERR_DENIED, "this platform may not for the service"},
    [REFUSAL_DUPLICATE] = {"consent-duplicate", ERR_CONFLICT, "there is a consent already"},
    [REFUSAL_OUTDATED] = {"consent-outdated", ERR_CONFLICT, "it is older than a withdrawal"},
    [REFUSAL_NO_CONSENT] = {"no-consent", ERR_ABSENT, "there is no consent to withdraw"},
    [REFUSAL_SIGNER] = {"consent-signer", ERR_UNTRUSTED, "its signer cannot consent"},
    [REFUSAL_STALE] = {"consent-stale", ERR_UNTRUSTED, "it was not signed lately"},
    {NULL, ERR_NONE, NULL},
};

/* ---- the document ---- */

static int read_document(const struct consent_request *request, struct consent_text *ret,
                         struct err *err)
{
    TRY(err_prefix(err, consent_xml_parse(request->document, ret, err), "document"));
    if (ret->is_withdrawal != request->is_withdrawal)
        return FAIL(err, ERR_INPUT, "document: a consent is given and a withdrawal withdrawn");
    if (strcmp(ret->provider, request->client_id) != 0)
        return FAIL_WITH(err, ERR_DENIED, HTTP_NAMED(REFUSAL_OTHER_PROVIDER),
                         "the document is for another provider");
    return 0;
}

/* What is found about the card's signature over the DigestInfo of the document's digest. */
static int judge(const struct platform *platform, struct signer *signer,
                 const struct consent_request *request, struct signature_report *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct asking room;
    struct signature_inputs inputs = {
        .signature = request->signature,
        .purpose = PURPOSE_DOCUMENT,
        .trust = {.anchors = platform->sign_cas,
                  .status = asking_source(platform, signer, PURPOSE_DOCUMENT, &room),
                  .at = clock_now(platform->clock)},
    };
    enum key_kind kind;

    TRY(platform_open_certificate(platform, signer, request->certificate, &der, err));
    TRY(err_prefix(err, x509_cert_parse(buf_bytes(&der), &cert, err), "certificate"));
    kind = pubkey_kind(x509_cert_pubkey(cert));
    inputs.form = kind == KEY_P384 ? FORM_ECDSA : FORM_DIGESTINFO;
    inputs.certificate = buf_bytes(&der);
    room.client_id = request->client_id;
    TRY(digest_compute(key_kind_digest(kind), request->document, &inputs.digest, err));
    return err_prefix(err, signature_verify(&inputs, ret, err), "certificate");
}

/* Only revocation that cannot be found out may be better later. */
static int check_verdict(const struct report *report, struct err *err)
{
    const struct report told = disclose(report);

    for (size_t i = 0; i < told.reason_count; i++) {
        if (told.reasons[i] != REASON_REVOCATION_NOT_CHECKED)
            return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(REFUSAL_SIGNER),
                             "the signature does not count: %s", reason_name(told.reasons[i]));
    }
    return told.reason_count == 0
               ? 0
               : FAIL(err, ERR_REMOTE,
                      "whether the certificate is in force cannot be found out now; try later");
}

/* ---- the authority ---- */

static int put_question(const struct consent_request *request, const struct x509_cert *cert,
                        struct json *members, struct err *err)
{
    TRY(json_put_base64(members, "document", request->document, err));
    TRY(json_put_base64(members, "signature", request->signature, err));
    return json_put_base64(members, "certificate", x509_cert_der(cert), err);
}

static int read_answer(const struct json *json, struct kept_consent *ret, struct err *err)
{
    const char *id;

    TRY(json_get_text(json, "consent", &id, err));
    if (strlen(id) >= sizeof ret->id)
        return FAIL(err, ERR_INPUT, "consent is too long");
    memcpy(ret->id, id, strlen(id) + 1);
    TRY(json_get_int(json, "valid_from", &ret->valid_from, err));
    TRY(json_get_int(json, "valid_until", &ret->valid_until, err));
    return json_is_null_member(json, "withdrawn_at")
               ? 0
               : json_get_int(json, "withdrawn_at", &ret->withdrawn_at, err);
}

/* The authority's refusals have the same names here. */
static int refuse(const char *name, const struct err *why, struct err *err)
{
    for (unsigned i = 0; consent_refusals[i].name != NULL; i++) {
        if (strcmp(consent_refusals[i].name, name) == 0)
            return FAIL_WITH(err, consent_refusals[i].kind, HTTP_NAMED(i), "%s", why->text);
    }
    return FAIL(err, ERR_REMOTE, "the authority does not take the consent: %s", why->text);
}

static int ask(const struct platform *platform, struct signer *signer,
               const struct consent_request *request, const struct x509_cert *cert,
               struct kept_consent *ret, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(json_freep) struct json *members = json_object_new();
    char name[FETCH_PROBLEM_SIZE] = "";
    struct door_question question = {
        .act = "consent", .path = "/v1/verifier/consents", .problem = name};
    struct err why = {0};
    int rc;

    TRY(put_question(request, cert, members, err));
    question.members = json_steal(&members);
    rc = door_ask(platform, signer, &question, &answer, &why);
    if (rc < 0)
        return name[0] != '\0' ? refuse(name, &why, err) : err_copy(err, &why);
    if (answer.json == NULL || read_answer(answer.json, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer about a consent cannot be read");
    return 0;
}

/* ---- both ---- */

static int keep(const struct platform *platform, const struct consent_request *request,
                const struct kept_consent *consent, const struct audit_origin *by, bool *ret_is_new,
                struct err *err)
{
    if (!request->is_withdrawal)
        return platform_keep_consent(platform->store, request->client_id, consent, by, ret_is_new,
                                     err);
    *ret_is_new = true;
    return platform_end_consents(platform->store, request->client_id, consent, by, err);
}

int consent_hand_on(const struct platform *platform, struct signer *signer,
                    const struct consent_request *request, struct kept_consent *ret,
                    bool *ret_is_new, struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(platform->clock), "tenant",
                                                 request->client_id, request->trace_id);
    CLEANUP(signature_report_done) struct signature_report found = SIGNATURE_REPORT_INIT;
    struct kept_consent consent = {.withdrawn_at = 0};
    struct showing showing = {.client_id = request->client_id, .reference = "consent", .by = &by};
    struct consent_text text;

    if (!door_is_there(platform))
        return FAIL(err, ERR_REMOTE, "this platform has no way to ask the authority");
    TRY(read_document(request, &text, err));
    TRY(judge(platform, signer, request, &found, err));
    TRY(check_verdict(&found.report, err));
    TRY(platform_polled_until(platform->store, request->client_id, &consent.polled, err));
    TRY(ask(platform, signer, request, found.signer, &consent, err));
    showing.cert = found.signer;
    TRY(holder_show(platform, signer, &showing, consent.holder, err));
    (void)snprintf(consent.service, sizeof consent.service, "%s", text.service);
    consent.attributes = text.attributes;
    TRY(keep(platform, request, &consent, &by, ret_is_new, err));
    trace_step("F5", "⓪", "the platform handed on what the holder consented to", request->trace_id);
    *ret = consent;
    return 0;
}
