/* SPDX-License-Identifier: Apache-2.0 */
/* Having an application signed, by whatever program or through the authentication app, and
 * submitting it. */
#include "portal/routes.h"

#include "base/log.h"
#include "exchange/exchange.h"
#include "portal/account/access.h"
#include "portal/application/applying.h"
#include "portal/application/cardsign.h"
#include "portal/application/document.h"
#include "portal/application/inquiries.h"
#include "portal/application/judge.h"
#include "portal/mandate/mandate.h"
#include "portal/municipality/connected.h"

#include <string.h>

/* ---- preparing ---- */

static const char *const key_kinds[] = {"RSA", "P-384", NULL};

static int read_kind(const struct json *json, enum key_kind *ret, struct err *err)
{
    const char *name = key_kinds[0];

    if (json_has(json, "key"))
        TRY(json_get_text(json, "key", &name, err));
    *ret = strcmp(name, "P-384") == 0 ? KEY_P384 : KEY_RSA;
    return 0;
}

static int put_digest(struct json *body, enum key_kind kind, const struct buf *info,
                      struct err *err)
{
    struct digest digest;

    TRY(digest_compute(key_kind_digest(kind), buf_bytes(info), &digest, err));
    TRY(json_put_text(body, "alg", digest_name(digest.alg), err));
    return json_put_base64(body, "digest", digest_bytes(&digest), err);
}

/* Its time is in it, so what was prepared before can be signed no more. */
static int prepare(struct applying *asked, enum key_kind kind, struct buf *ret_element,
                   struct buf *ret_info, struct err *err)
{
    TRY(applying_check_open(asked, err));
    TRY(applying_check_complete(asked, err));
    asked->application.prepared_at = asked->applicant.by.at;
    TRY(application_document(asked->db, &asked->application, &asked->applicant.proxy, ret_element,
                             err));
    TRY(xml_signature_prepare(buf_bytes(ret_element), kind, ret_info, err));
    return application_prepare(asked->db, asked->application.id, asked->applicant.owner,
                               asked->applicant.by.at, err);
}

static int post_preparation(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(buf_done) struct buf element = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    enum key_kind kind;

    TRY(applying_find(call, &asked, err));
    TRY(read_kind(call->request.json, &kind, err));
    TRY(prepare(&asked, kind, &element, &info, err));
    TRY(json_put_bytes(body, "document", buf_bytes(&element), err));
    TRY(put_digest(body, kind, &info, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- by a card, through the authentication app ---- */

static int reply_signing(struct http_call *call, unsigned status, const struct cardsign *signing,
                         const char *state, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "state", state, err));
    TRY(json_put_text(body, "address", signing->address, err));
    TRY(json_put_text(body, "code", signing->code, err));
    TRY(json_put_int(body, "expires_at", signing->expires_at, err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
}

static int post_signing(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(buf_done) struct buf element = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    struct cardsign_order order = {&asked.application, {NULL, 0}, {NULL, 0}};
    struct cardsign signing;
    struct signer *signer;
    bool signs;

    TRY(applying_find(call, &asked, err));
    TRY(applying_signs(&asked, &signs, err));
    if (!signs)
        return FAIL(err, ERR_INPUT, "this is not to be signed");
    TRY(prepare(&asked, KEY_RSA, &element, &info, err));
    TRY(portal_signer(call, &signer, err));
    order.info = buf_bytes(&info);
    order.element = buf_bytes(&element);
    TRY(cardsign_open(call->context, signer, &order, &signing, err));
    return reply_signing(call, 201, &signing, cardsign_states[0], err);
}

static int get_signing(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(cardsign_result_done) struct cardsign_result result = {.state = NULL};
    struct cardsign signing;
    struct signer *signer;

    TRY(applying_find(call, &asked, err));
    TRY(cardsign_find(call->context, &asked.application, &signing, err));
    TRY(portal_signer(call, &signer, err));
    TRY(cardsign_ask(call->context, signer, &signing, &result, err));
    return reply_signing(call, 200, &signing, result.state, err);
}

/* Who signs through the app encrypts his certificate to this, as to a platform. */
static int get_keys(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    struct json *key;

    if (portal->seal.public == NULL)
        return FAIL(err, ERR_ABSENT, "this portal has nothing signed by cards");
    TRY(jwk_write(portal->seal.public, JWK_ENCRYPTION, &key, err));
    TRY(json_add(keys, key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- submitting ---- */

/* What was signed: it comes with the request, or from where it was signed by a card. */
static int find_signature(struct http_call *call, const struct applying *asked,
                          struct cardsign_result *ret, struct err *err)
{
    const struct json *json = call->request.json;
    struct cardsign signing;
    struct signer *signer;
    int rc;

    if (json_has(json, "signature")) {
        TRY(json_get_base64(json, "certificate", &ret->certificate, err));
        return json_get_base64(json, "signature", &ret->signature, err);
    }
    rc = cardsign_find(call->context, &asked->application, &signing, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "this is to be signed");
    TRY(rc);
    TRY(portal_signer(call, &signer, err));
    TRY(cardsign_ask(call->context, signer, &signing, ret, err));
    if (ret->signature.len == 0)
        return FAIL(err, ERR_CONFLICT, "this is not signed yet, or nobody wanted to sign it");
    return 0;
}

/* The document with the card's signature, which the platform finds valid. */
static int make_signed(struct http_call *call, const struct applying *asked, struct buf *ret,
                       struct json **ret_applicant, struct err *err)
{
    CLEANUP(xml_signed_done) struct xml_signed parts = {.kind = KEY_RSA};
    CLEANUP(x509_cert_freep) struct x509_cert *signer = NULL;
    CLEANUP(cardsign_result_done) struct cardsign_result signature = {.state = NULL};
    CLEANUP(buf_done) struct buf element = BUF_INIT;

    TRY(find_signature(call, asked, &signature, err));
    TRY(x509_cert_parse(buf_bytes(&signature.certificate), &signer, err));
    TRY(application_document(asked->db, &asked->application, &asked->applicant.proxy, &element,
                             err));
    TRY(xml_signature_complete(buf_bytes(&element), buf_bytes(&signature.signature), signer, ret,
                               err));
    TRY(xml_signature_parse(buf_bytes(ret), &parts, err));
    return application_judge(call->context, &parts, &asked->applicant, ret_applicant, err);
}

/* Whoever signs sees in the log that the municipality has learned who that is. */
static void show_signer(const struct portal *portal, const struct applying *asked,
                        struct person_code *signer, struct submission *ret)
{
    if (!asked->applicant.has_code)
        return;
    memcpy(signer->value, asked->applicant.code, sizeof signer->value);
    ret->signer = signer;
    if (portal->exchange != NULL)
        ret->body = municipality_body(portal->exchange->tables, asked->application.municipality);
}

/*
 * The certificate counts. Whoever has filled in something else is told so before anything is sent,
 * unless he has seen it. *ret is NULL if there is nothing to tell.
 */
static int compare(const struct http_call *call, const struct applying *asked,
                   const struct json *applicant, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *differs = NULL;
    bool has_seen = false;

    if (json_has(call->request.json, "certificate_counts"))
        TRY(json_get_bool(call->request.json, "certificate_counts", &has_seen, err));
    if (has_seen || application_by_proxy(&asked->applicant.proxy))
        return 0;
    TRY(form_compare(asked->application.form, asked->application.answers, applicant, &differs,
                     err));
    if (json_count(differs) > 0)
        *ret = json_steal(&differs);
    return 0;
}

/* *ret_differs is NULL unless nothing is submitted because of what it says. */
static int submit(struct http_call *call, const struct applying *asked, bool signs,
                  char ret[APPLICATION_RECEIPT_SIZE], struct json **ret_differs, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *applicant = NULL;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    struct submission submission = {.id = asked->application.id,
                                    .owner = asked->applicant.owner,
                                    .proxy = asked->applicant.proxy,
                                    .revision = asked->application.revision,
                                    .round = asked->application.round,
                                    .romaji = &portal->romaji};
    struct person_code signer;

    if (signs) {
        TRY(make_signed(call, asked, &document, &applicant, err));
        TRY(compare(call, asked, applicant, ret_differs, err));
        if (*ret_differs != NULL)
            return 0;
        show_signer(call->context, asked, &signer, &submission);
    }
    submission.document = buf_bytes(&document);
    submission.applicant = applicant;
    return application_submit(asked->db, &submission, &asked->applicant.by, ret, err);
}

/* Of somebody with a ticket nothing can be learned; it is submitted, whatever comes of this. */
static void learn(struct http_call *call, const struct applying *asked)
{
    struct err failure = {0};
    struct session session;
    int rc;

    if (!asked->applicant.has_code)
        return;
    rc = citizen_find_within(call, MANDATE_PROCEDURES, &session, &failure);
    if (rc == 0)
        rc = inquiries_learn(call->context, &session, &asked->application, &asked->applicant.by,
                             &failure);
    if (rc < 0)
        log_failure("application.codes", &failure);
}

static int post_submission(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(json_freep) struct json *differs = NULL;
    char receipt[APPLICATION_RECEIPT_SIZE];
    bool signs;

    TRY(applying_find(call, &asked, err));
    TRY(applying_check_open(&asked, err));
    TRY(applying_check_complete(&asked, err));
    TRY(applying_signs(&asked, &signs, err));
    if (!signs && json_has(call->request.json, "signature"))
        return FAIL(err, ERR_INPUT, "this is not to be signed");
    TRY(submit(call, &asked, signs, receipt, &differs, err));
    if (differs == NULL)
        learn(call, &asked);
    TRY(differs != NULL ? json_put(body, "differs", json_steal(&differs), err)
                        : json_put_text(body, "receipt", receipt, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- tables ---- */

static const struct http_member prepare_members[] = {{"key", HTTP_TEXT, HTTP_OPTIONAL,
                                                      "of the card that is to sign; missing: RSA",
                                                      .values = key_kinds},
                                                     {NULL}};
static const struct http_member prepared_members[] = {
    {"document", HTTP_TEXT, HTTP_REQUIRED, "what is signed: XML in canonical form"},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "of the digest"},
    {"digest", HTTP_TEXT, HTTP_REQUIRED, "of its SignedInfo, for the card",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_answer prepared_answers[] = {{200, "to be signed", prepared_members}, {0}};
static const struct http_member submit_members[] = {
    {"certificate", HTTP_TEXT, HTTP_OPTIONAL,
     "of the signer, DER; without it what was signed through the authentication app counts",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_OPTIONAL, "over the prepared digest", .form = &http_form_base64},
    {"certificate_counts", HTTP_BOOL, HTTP_OPTIONAL,
     "the applicant has seen where the certificate says otherwise than the form"},
    {NULL},
};
static const struct http_member differs_members[] = {
    {"field", HTTP_TEXT, HTTP_REQUIRED, "of the form"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "what the signer's certificate says instead"},
    {NULL},
};
static const struct http_member submitted_members[] = {
    {"receipt", HTTP_TEXT, HTTP_OPTIONAL, "the number under which the municipality has it"},
    {"differs", HTTP_ARRAY, HTTP_OPTIONAL,
     "in place of a number: nothing is submitted until the applicant has seen this",
     differs_members},
    {NULL},
};
static const struct http_answer submitted_answers[] = {{200, "submitted", submitted_members}, {0}};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_member signing_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = cardsign_states},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "for the card's program, jpki-sign(1)"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to be typed there", .form = &code_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to sign in, UTC"},
    {NULL},
};
static const struct http_answer opened_answers[] = {{201, "it can be signed", signing_members},
                                                    {0}};
static const struct http_answer signing_answers[] = {{200, "how far it is", signing_members}, {0}};
static const char *const key_types[] = {"RSA", NULL};
static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = key_types},
    {"n", HTTP_TEXT, HTTP_REQUIRED, "modulus"},
    {"e", HTTP_TEXT, HTTP_REQUIRED, "exponent"},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for"},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it"},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)"},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the key", key_members}, {NULL}};
static const struct http_answer keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

#define ONE "/v1/applications/:id"
enum { CHANGE_FAILS = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) };

const struct route portal_submission_routes[] = {
    {.method = HTTP_POST,
     .path = ONE "/preparation",
     .access = &portal_applicant,
     .body = prepare_members,
     .handle = post_preparation,
     .operation = "prepareApplication",
     .summary = "Have a complete application prepared for signing",
     .answers = prepared_answers,
     .fails = CHANGE_FAILS},
    {.method = HTTP_POST,
     .path = ONE "/signing",
     .access = &portal_applicant,
     .handle = post_signing,
     .operation = "openCardSigning",
     .summary = "Have a complete application signed by a card, through the authentication app",
     .answers = opened_answers,
     .fails = CHANGE_FAILS},
    {.method = HTTP_GET,
     .path = ONE "/signing",
     .access = &portal_applicant,
     .handle = get_signing,
     .operation = "getCardSigning",
     .summary = "See whether it is signed",
     .answers = signing_answers,
     .fails = CHANGE_FAILS | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = ONE "/submission",
     .access = &portal_applicant,
     .body = submit_members,
     .handle = post_submission,
     .operation = "submitApplication",
     .summary = "Submit an application, signed if it is to be",
     .answers = submitted_answers,
     .fails = CHANGE_FAILS | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listSealKeys",
     .summary = "Read the key that signers of applications encrypt their certificates to",
     .answers = keys_answers,
     .fails = HTTP_FAIL(ERR_ABSENT),
     .is_inline = true},
    {.path = NULL},
};
