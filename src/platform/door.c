/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/door.h"

#include "base/hex.h"
#include "base/rand.h"
#include "base/random_text.h"
#include "docsign/cms.h"
#include "fetch/fetch.h"
#include "http/problem.h"
#include "x509/der.h"

#include <stdio.h>
#include <string.h>

enum { NONCE_OCTETS = 32, TIMEOUT_MS = 5000 };

bool door_is_there(const struct platform *platform)
{
    return platform->door.socket != NULL;
}

void door_answer_done(struct door_answer *answer)
{
    json_freep(&answer->json);
    buf_done(&answer->body);
}

int door_make_id(char ret[DOOR_ID_SIZE], struct err *err)
{
    TRY(random_text(ret, DOOR_ID_SIZE, err));
    for (char *c = ret; *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c; /* of base64url; request ids have no underscore */
    return 0;
}

/* What every request says, before what it is about. */
static int put_frame(const struct platform *platform, const struct door_question *question,
                     int64_t at, struct err *err)
{
    struct json *json = question->members;
    uint8_t nonce[NONCE_OCTETS];
    char id[DOOR_ID_SIZE];

    TRY(rand_fill(nonce, sizeof nonce, err));
    TRY(door_make_id(id, err));
    TRY(json_put_text(json, "origin", platform->door.origin, err));
    TRY(json_put_text(json, "act", question->act, err));
    TRY(json_put_int(json, "at", at, err));
    TRY(json_put_base64(json, "nonce", BYTES_ARRAY(nonce), err));
    return json_put_text(json, "request_id", question->id == NULL ? id : question->id, err);
}

/* What signerd wants to see: the request, and the certificate it is signed with. */
static int wrap(const struct platform *platform, struct bytes request, struct buf *ret,
                struct err *err)
{
    size_t mark;

    TRY(der_begin(ret, DER_SEQUENCE, &mark, err));
    TRY(der_put(ret, DER_OCTET_STRING, request, err));
    TRY(buf_append(ret, x509_cert_der(platform->door.certificate), err));
    return der_finish(ret, mark, err);
}

/* A detached CMS signature over the request. */
static int sign(const struct platform *platform, struct signer *signer, struct bytes request,
                int64_t at, struct buf *ret, struct err *err)
{
    const struct x509_cert *certificate = platform->door.certificate;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(wrap(platform, request, &tbs, err));
    TRY(signer_sign(signer, platform->door.key, SIGNER_PARTY_REQUEST, buf_bytes(&tbs), &signature,
                    err));
    TRY(digest_compute(key_kind_digest(pubkey_kind(x509_cert_pubkey(certificate))), request,
                       &digest, err));
    TRY(cms_prepare(&digest, certificate, at, &attributes, err));
    return cms_complete(buf_bytes(&attributes), buf_bytes(&signature), certificate, NULL, ret, err);
}

static int send(const struct platform *platform, const struct door_question *question,
                struct bytes request, struct bytes signature, struct door_answer *ret,
                struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct fetch_request asked = {.socket = platform->door.socket,
                                        .url = question->path,
                                        .body = body,
                                        .accept = question->accept,
                                        .timeout_ms = TIMEOUT_MS + question->wait_ms,
                                        .problem = question->problem,
                                        .limit = question->limit};

    TRY(json_put_base64(body, "request", request, err));
    TRY(json_put_base64(body, "signature", signature, err));
    TRY(fetch(&asked, &response, err));
    ret->status = response.status;
    ret->json = response.json;
    response.json = NULL;
    buf_move(&ret->body, &response.body);
    return 0;
}

static int ask(const struct platform *platform, struct signer *signer,
               const struct door_question *question, struct door_answer *ret, struct err *err)
{
    int64_t at = clock_now(platform->clock);
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(put_frame(platform, question, at, err));
    TRY(json_write(question->members, &request, err));
    TRY(sign(platform, signer, buf_bytes(&request), at, &signature, err));
    return send(platform, question, buf_bytes(&request), buf_bytes(&signature), ret, err);
}

/* The name alone, without what all names begin with. */
static bool has_name(const struct door_question *question)
{
    const size_t len = strlen(HTTP_PROBLEM_URN);
    char *name = question->problem;

    if (name == NULL || strncmp(name, HTTP_PROBLEM_URN, len) != 0)
        return false;
    memmove(name, name + len, strlen(name + len) + 1);
    return true;
}

int door_ask(const struct platform *platform, struct signer *signer,
             const struct door_question *question, struct door_answer *ret, struct err *err)
{
    struct err why = {0};
    int rc = ask(platform, signer, question, ret, &why);

    json_free(question->members);
    if (rc == 0)
        return 0;
    if (has_name(question) || rc == -ERR_ABSENT || rc == -ERR_NOMEM)
        return err_copy(err, &why);
    return FAIL_WITH(err, ERR_REMOTE, why.detail, "the authority does not answer act %s: %s",
                     question->act, why.text);
}

/* ---- standing ---- */

static int read_standing(const struct json *json, struct standing *ret, struct err *err)
{
    const char *name;

    TRY(json_get_text(json, "name", &name, err));
    TRY(json_get_bool(json, "sign", &ret->verifies_sign, err));
    TRY(json_get_bool(json, "auth", &ret->verifies_auth, err));
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    return 0;
}

int door_standing(const struct platform *platform, struct signer *signer, struct standing *ret,
                  struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    const struct door_question question = {
        .act = "standing", .path = "/v1/verifier/standing", .members = json_object_new()};

    TRY(door_ask(platform, signer, &question, &answer, err));
    if (answer.json == NULL || read_standing(answer.json, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority does not say where this platform stands");
    ret->certificate_ends = x509_cert_tbs(platform->door.certificate)->not_after;
    return 0;
}

/* ---- links ---- */

void linked_done(struct linked *linked)
{
    buf_done(&linked->issuer);
    buf_done(&linked->serial);
}

/* The octets of a positive integer, without leading zeros. */
static int put_serial(int64_t serial, struct buf *ret, struct err *err)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        uint8_t octet = (uint8_t)((uint64_t)serial >> shift);

        if (octet != 0 || ret->len > 0)
            TRY(buf_append(ret, bytes_of(&octet, 1), err));
    }
    return 0;
}

static int read_linked(const struct json *json, struct linked *ret, struct err *err)
{
    const char *outcome;
    const char *issuer;
    int64_t serial;

    TRY(json_get_text(json, "outcome", &outcome, err));
    ret->is_there = strcmp(outcome, "found") == 0;
    if (!ret->is_there)
        return 0;
    TRY(json_get_text(json, "issuer", &issuer, err));
    TRY(json_get_int(json, "serial", &serial, err));
    if (serial < 1)
        return FAIL(err, ERR_INPUT, "a certificate without a number");
    TRY(hex_decode(issuer, &ret->issuer, err));
    return put_serial(serial, &ret->serial, err);
}

static int put_certificate(struct json *members, const struct holder_key *certificate,
                           struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;
    int64_t serial = 0;

    if (certificate->serial.len > 4)
        return FAIL(err, ERR_ABSENT, "no certificate of the authority has such a number");
    for (size_t i = 0; i < certificate->serial.len; i++)
        serial = serial << 8 | certificate->serial.ptr[i];
    TRY(hex_append(&hex, certificate->issuer, err));
    TRY(buf_text(&hex, &text, err));
    TRY(json_put_text(members, "issuer", text, err));
    return json_put_int(members, "serial", serial, err);
}

/* Takes members, which name a certificate. */
static int ask_link(const struct platform *platform, struct signer *signer, struct json *members,
                    struct linked *ret, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    const struct door_question question = {
        .act = "link", .path = "/v1/verifier/links", .members = members};

    TRY(door_ask(platform, signer, &question, &answer, err));
    if (answer.json == NULL || read_linked(answer.json, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer about a link cannot be read");
    return 0;
}

int door_before(const struct platform *platform, struct signer *signer,
                const struct holder_key *certificate, struct linked *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *members = json_object_new();

    TRY(json_put_text(members, "want", "before", err));
    TRY(put_certificate(members, certificate, err));
    return ask_link(platform, signer, json_steal(&members), ret, err);
}

int door_counterpart(const struct platform *platform, struct signer *signer,
                     struct bytes certificate, struct linked *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *members = json_object_new();

    TRY(json_put_text(members, "want", "counterpart", err));
    TRY(json_put_base64(members, "certificate", certificate, err));
    return ask_link(platform, signer, json_steal(&members), ret, err);
}
