/* SPDX-License-Identifier: Apache-2.0 */
/* The interface for verifiers, and links on it: signed requests in JSON and back. */
#include "authority/party/routes_asked.h"

#include "authority/party/link.h"
#include "base/hex.h"

#include <string.h>

int asked_read(struct http_call *call, const char *act, struct asked *ret, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct signed_message message;

    TRY(json_get_base64(call->request.json, "request", &request, err));
    TRY(json_get_base64(call->request.json, "signature", &signature, err));
    message = (struct signed_message){buf_bytes(&request), buf_bytes(&signature),
                                      asked_waited(call)};
    TRY(signed_request_read(authority, &message, act, &ret->request, err));
    ret->by = audit_by_role(ret->request.now, "verifier", ret->request.party.name,
                            call->request.trace_id);
    return 0;
}

bool asked_waited(const struct http_call *call)
{
    return call->pause.until_ms != 0;
}

void asked_done(struct asked *asked)
{
    signed_request_done(&asked->request);
}

int asked_choice(const struct json *json, const char *key, const char *const *values, unsigned *ret,
                 struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    for (unsigned i = 0; values[i] != NULL; i++) {
        if (strcmp(values[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "%s is none of the words it may be", key);
}

int asked_put_certificate(const struct authority *authority, const struct presented *certificate,
                          struct json *body, struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    unsigned generation;
    const struct ca *ca;
    const char *hex;

    TRY(authority_generation_of(authority->store, certificate->kind, certificate->serial,
                                &generation, err));
    ca = authority_ca(authority, certificate->kind, generation);
    if (ca == NULL)
        return FAIL(err, ERR_CONFLICT, "there is no generation %u of the CA", generation);
    TRY(hex_append(&issuer, x509_cert_tbs(ca->certificate)->subject_key_id, err));
    TRY(buf_text(&issuer, &hex, err));
    TRY(json_put_text(body, "kind", ca_kind_name(certificate->kind), err));
    TRY(json_put_text(body, "issuer", hex, err));
    return json_put_int(body, "serial", certificate->serial, err);
}

static int post_link(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin", "act",         "at",     "nonce",  "request_id",
                                          "want",   "certificate", "issuer", "serial", NULL};
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct link_question question = {.want = LINK_NEWEST};
    struct link link;
    unsigned want;
    int rc;

    TRY(asked_read(call, "link", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(asked_choice(asked.request.json, "want", link_wants, &want, err));
    rc = presented_read(authority, asked.request.json, &question.presented, err);
    question.is_unknown = rc == -ERR_ABSENT;
    if (!question.is_unknown)
        TRY(rc);
    question.want = (enum link_want)want;
    question.party = &asked.request.party;
    question.by = &asked.by;
    TRY(authority_answer_link(authority->store, &question, &link, err));
    TRY(json_put_text(body, "outcome", link_outcomes[link.outcome], err));
    if (link.outcome == LINK_FOUND)
        TRY(asked_put_certificate(authority, &link.other, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

const struct http_about authority_asked_about = {
    "authority-verifier", "OpenJPKI authority, for verifiers",
    "What a registered verifier can ask. Each request is JSON with origin, act, at (UTC seconds, "
    "at "
    "most 60 from now), nonce (32 random octets, once) and request_id, and a detached CMS "
    "signature "
    "over its bytes by a registered certificate."};

const struct http_member asked_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "JSON, as signed", .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "CMS over it, DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};
static const struct http_member link_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED,
     "none: it is the newest, or nothing goes before it, or the person is not known",
     .values = link_outcomes},
    {"kind", HTTP_TEXT, HTTP_OPTIONAL, "of the other certificate", .values = authority_kinds},
    {"issuer", HTTP_TEXT, HTTP_OPTIONAL, "key identifier of its CA", .form = &key_id_form},
    {"serial", HTTP_INT, HTTP_OPTIONAL, "its number"},
    {NULL},
};
static const struct http_answer link_answers[] = {{200, "where it leads", link_members}, {0}};

static const struct route link_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifier/links",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_link,
     .operation = "askLink",
     .summary = "Act link: ask which certificate belongs with one (certificate, or issuer and "
                "serial): want is newest, before or counterpart",
     .answers = link_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};

const struct route *const authority_asked_routes[] = {link_routes,
                                                      authority_consent_routes,
                                                      authority_standing_routes,
                                                      authority_asked_feed_routes,
                                                      authority_asked_fee_routes,
                                                      NULL};
