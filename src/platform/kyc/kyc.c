/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/kyc/kyc.h"

#include "base/random_text.h"
#include "crypto/jwe.h"
#include "platform/verification/verification.h"
#include "platform/verification/verifier.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS_PER_DAY = 86400 };

const struct http_problem kyc_refusals[] = {
    [KYC_NOT_A_VERIFIER] = {"not-a-verifier", ERR_DENIED,
                            "only a tenant that is a signature verifier itself may have that"},
    [KYC_WRONG_LETTER] = {"wrong-letter", ERR_UNTRUSTED,
                          "the method has another letter, or none, on that day"},
    [KYC_OTHER_EVIDENCE] = {"other-evidence", ERR_UNTRUSTED,
                            "it is not what was verified, or not what is kept here"},
    [KYC_SEVERAL_SIGNERS] = {"several-signers", ERR_UNTRUSTED,
                             "a document that several people signed identifies none of them"},
    [KYC_NOT_VALID] = {"not-valid", ERR_UNTRUSTED, "nobody was identified by that verification"},
    {NULL},
};

int kyc_load_key(struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(signer_public(signer, platform->kyc.name, &spki, err));
    return pubkey_from_spki_rsa(buf_bytes(&spki), &platform->kyc.key, err);
}

static int check_tenant(const struct platform *platform, const char *client_id, struct err *err)
{
    bool is_verifier;

    if (platform->kyc.store == NULL)
        return FAIL(err, ERR_ABSENT, "this platform keeps no identifications");
    TRY(platform_is_verifier(platform->store, client_id, &is_verifier, err));
    if (!is_verifier)
        return FAIL_WITH(err, ERR_DENIED, HTTP_NAMED(KYC_NOT_A_VERIFIER),
                         "whoever identifies by a signature must be a signature verifier itself");
    return 0;
}

/* What counts is the day on which the signature was verified. */
static int check_method(const struct platform *platform, const struct kyc_wish *wish,
                        const struct verification *found, struct err *err)
{
    struct caldate day = caltime_at(found->at, JST_OFFSET_SECONDS).date;
    const struct kyc_method *row = kyc_methods_find(platform->kyc.methods, wish->law, wish->method,
                                                    day);

    if (row == NULL || strcmp(row->letter, wish->letter) != 0)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_WRONG_LETTER),
                         "that method does not have that letter on the day of the verification");
    if (strcmp(row->evidence, "signature") != 0)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_OTHER_EVIDENCE),
                         "what proves that method is not kept here");
    return 0;
}

/* Of a signature it is brought with the certificate, of a document by the document alone. */
static int check_verification(const struct kyc_wish *wish, const struct verification *found,
                              struct err *err)
{
    bool is_document = strcmp(found->kind, "signature") != 0;

    if (strcmp(found->verdict, "valid") != 0 || strcmp(found->purpose, "signature") != 0)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_NOT_VALID),
                         "that verification did not find a signature valid");
    if (found->digest.len == 0)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_OTHER_EVIDENCE),
                         "of that verification no digest is kept");
    if (is_document != (wish->document.len > 0))
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_OTHER_EVIDENCE),
                         is_document ? "that verified a document: bring it as content"
                                     : "that verified a signature: bring it with its certificate");
    return 0;
}

static int not_what_was_verified(struct err *err)
{
    return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_OTHER_EVIDENCE),
                     "it is not what was verified");
}

/* All holds but revocation, which was looked up then. */
static bool holds(const struct report *report)
{
    return report->reason_count == 1 && report_has(report, REASON_REVOCATION_NOT_CHECKED);
}

/* Whether that key signed what was verified, by the certificates of then. */
static int check_signature(const struct platform *platform, const struct kyc_wish *wish,
                           const struct verification *found, struct bytes certificate,
                           struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    const struct signature_inputs inputs = {
        .digest = found->digest,
        .form = wish->form,
        .signature = wish->signature,
        .certificate = certificate,
        .purpose = PURPOSE_DOCUMENT,
        .trust = {.anchors = platform->sign_cas, .status = NULL, .at = found->at},
    };

    TRY(err_prefix(err, signature_verify(&inputs, &report, err), "certificate"));
    return holds(&report.report) ? 0 : not_what_was_verified(err);
}

/*
 * Whether it is the document that was verified, or a structure beside that document, and one person
 * signed it; *ret is what proves that.
 */
static int check_document(const struct platform *platform, const struct kyc_wish *wish,
                          const struct verification *found, struct buf *ret, struct err *err)
{
    CLEANUP(document_file_report_done)
    struct document_file_report report = DOCUMENT_FILE_REPORT_INIT;
    struct document_file_inputs inputs = {
        .form = strcmp(found->kind, document_forms[DOCUMENT_PDF]) == 0 ? DOCUMENT_PDF
                                                                       : DOCUMENT_CMS,
        .file = wish->document,
        .trust = {.anchors = platform->sign_cas, .status = NULL, .at = found->at},
    };
    struct digest digest;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, wish->document, &digest, err));
    if (!bytes_equal(digest_bytes(&digest), digest_bytes(&found->digest)))
        inputs.document = &found->digest;
    if (inputs.document != NULL && inputs.form == DOCUMENT_PDF)
        return not_what_was_verified(err);
    rc = document_file_verify(&inputs, &report, err);
    if (rc == -ERR_INPUT || rc == -ERR_USAGE || (rc == 0 && !holds(&report.report)))
        return not_what_was_verified(err);
    TRY(rc);
    if (report.count != 1)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(KYC_SEVERAL_SIGNERS),
                         "several people signed that document");
    TRY(document_file_proof(&inputs, x509_cert_der(report.parts[0].found.signer), ret, err));
    if (ret->len > KYC_PROOF_MAX)
        return FAIL(err, ERR_INPUT, "content: a signature of more than %d bytes", KYC_PROOF_MAX);
    return 0;
}

static int put_verification(struct json *package, const struct verification *found, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *digest = json_object_new();

    TRY(json_put_text(digest, "alg", digest_name(found->digest.alg), err));
    TRY(json_put_base64(digest, "value", digest_bytes(&found->digest), err));
    TRY(json_put_text(object, "id", found->id, err));
    TRY(json_put_int(object, "verified_at", found->at, err));
    TRY(json_put(object, "digest", json_steal(&digest), err));
    return json_put(package, "verification", json_steal(&object), err);
}

/* Signature and certificate, or the structure that has both. */
static int put_proof(const struct platform *platform, struct signer *signer,
                     const struct kyc_wish *wish, const struct verification *found,
                     struct json *package, struct err *err)
{
    CLEANUP(buf_done) struct buf proof = BUF_INIT;

    if (wish->document.len > 0) {
        TRY(check_document(platform, wish, found, &proof, err));
        TRY(json_put_text(package, "form", found->kind, err));
        return json_put_base64(package, "structure", buf_bytes(&proof), err);
    }
    TRY(platform_open_certificate(platform, signer, wish->certificate, &proof, err));
    TRY(check_signature(platform, wish, found, buf_bytes(&proof), err));
    TRY(json_put_text(package, "form", wish->form == FORM_BARE_HASH ? "hash" : "digestinfo", err));
    TRY(json_put_base64(package, "signature", wish->signature, err));
    return json_put_base64(package, "certificate", buf_bytes(&proof), err);
}

static int pack(const struct platform *platform, struct signer *signer, const struct kyc_wish *wish,
                const struct verification *found, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *package = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_put_text(package, "law", wish->law, err));
    TRY(json_put_text(package, "method", wish->method, err));
    TRY(json_put_text(package, "letter", wish->letter, err));
    TRY(put_verification(package, found, err));
    TRY(put_proof(platform, signer, wish, found, package, err));
    TRY(json_write(package, &text, err));
    return jwe_encrypt(platform->kyc.key, buf_bytes(&text), ret, err);
}

static int describe(const struct kyc_wish *wish, struct identification *ret, struct err *err)
{
    *ret = (struct identification){.made_at = wish->by->at};
    TRY(random_text(ret->id, sizeof ret->id, err));
    (void)snprintf(ret->client_id, sizeof ret->client_id, "%s", wish->client_id);
    (void)snprintf(ret->verification, sizeof ret->verification, "%s", wish->verification);
    (void)snprintf(ret->law, sizeof ret->law, "%s", wish->law);
    (void)snprintf(ret->method, sizeof ret->method, "%s", wish->method);
    (void)snprintf(ret->letter, sizeof ret->letter, "%s", wish->letter);
    return 0;
}

int kyc_make(const struct platform *platform, struct signer *signer, const struct kyc_wish *wish,
             struct identification *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf evidence = BUF_INIT;
    struct identification made;
    struct verification found;
    const char *text;

    TRY(check_tenant(platform, wish->client_id, err));
    TRY(platform_get_verification(platform->store, wish->verification, wish->client_id, &found,
                                  err));
    TRY(check_verification(wish, &found, err));
    TRY(check_method(platform, wish, &found, err));
    TRY(pack(platform, signer, wish, &found, &evidence, err));
    TRY(buf_text(&evidence, &text, err));
    TRY(describe(wish, &made, err));
    TRY(kyc_keep(platform->kyc.store, &made, text, wish->by, err));
    *ret = made;
    return 0;
}

int64_t kyc_delete_at(struct caldate ended)
{
    const struct caltime last = {.date = caldate_birthday(ended, ended.year + KYC_KEEP_YEARS)};

    return caltime_utc(last, JST_OFFSET_SECONDS) + SECONDS_PER_DAY;
}

int kyc_note_end(const struct platform *platform, const struct kyc_ending *ending,
                 struct identification *ret, struct err *err)
{
    struct caldate today = caltime_at(ending->by->at, JST_OFFSET_SECONDS).date;
    struct identification found;
    struct caldate day;

    TRY(check_tenant(platform, ending->client_id, err));
    TRY(err_prefix(err, caldate_parse_iso(ending->day, &day, err), "ended_on"));
    TRY(kyc_get(platform->kyc.store, ending->id, ending->client_id, &found, err));
    if (caldate_compare(today, day) < 0 ||
        caldate_compare(day, caltime_at(found.made_at, JST_OFFSET_SECONDS).date) < 0)
        return FAIL(err, ERR_INPUT, "ended_on is a day from the identification to today");
    (void)snprintf(found.ended_on, sizeof found.ended_on, "%s", ending->day);
    found.delete_at = kyc_delete_at(day);
    TRY(kyc_end(platform->kyc.store, &found, ending->by, err));
    *ret = found;
    return 0;
}

int kyc_read(const struct platform *platform, struct signer *signer,
             const struct kyc_reading *reading, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf evidence = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;

    TRY(check_tenant(platform, reading->client_id, err));
    TRY(kyc_release(platform->kyc.store, reading->id, reading->client_id, reading->by, &evidence,
                    err));
    TRY(jwe_parse(buf_bytes(&evidence), &jwe, err));
    if (signer_unwrap(signer, platform->kyc.name, buf_bytes(&jwe.encrypted_key), &key, err) < 0 ||
        jwe_decrypt(&jwe, &key, &plain, err) < 0)
        return FAIL(err, ERR_SYSTEM, "signerd's key %s does not open this evidence",
                    platform->kyc.name);
    return jwe_encrypt(reading->key, buf_bytes(&plain), ret, err);
}

int kyc_forget(const struct platform *platform, struct err *err)
{
    return platform->kyc.store == NULL
               ? 0
               : kyc_forget_until(platform->kyc.store, clock_now(platform->clock), err);
}
