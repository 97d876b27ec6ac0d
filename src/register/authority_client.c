/* SPDX-License-Identifier: Apache-2.0 */
#include "register/authority_client.h"

#include "base/file.h"
#include "fetch/fetch.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/holder.h"

#include <string.h>

enum { RETRIES = 2, PHONE_TIMEOUT_MS = 5000 }; /* a portal waits for twice that */

/* The six attributes of a sign certificate, in its own forms (pki.md 1.4). */
static int put_holder(struct json *body, const struct resident *resident, struct err *err)
{
    CLEANUP(json_freep) struct json *holder = json_object_new();
    char birth[HOLDER_BIRTH_SIZE];
    char sex[2] = {(char)('0' + (int)resident->sex), '\0'};

    TRY(holder_birth_format(resident->birth, birth, err));
    TRY(json_put_text(holder, "name", resident->name, err));
    TRY(json_put_text(holder, "birth", birth, err));
    TRY(json_put_text(holder, "sex", sex, err));
    TRY(json_put_text(holder, "address", resident->address, err));
    TRY(json_put_text(holder, "name_substitutes", resident->name_substitutes, err));
    TRY(json_put_text(holder, "address_substitutes", resident->address_substitutes, err));
    return json_put(body, "holder", json_steal(&holder), err);
}

static int put_question(struct json *body, const struct question *q, struct err *err)
{
    TRY(json_put_text(body, "request_id", q->issue->request_id, err));
    TRY(json_put_text(body, "subject", q->resident->subject, err));
    TRY(json_put_text(body, "kind", cert_kind_name(q->issue->kind), err));
    TRY(json_put_base64(body, "request", buf_bytes(&q->issue->request), err));
    TRY(json_put_int(body, "not_after", q->issue->not_after, err));
    TRY(json_put_text(body, "prefecture", q->municipality->prefecture_romaji, err));
    TRY(json_put_text(body, "window_id", q->window_id, err));
    if (q->issue->kind != CERT_SIGN)
        return 0;
    TRY(json_put_text(body, "municipality", q->municipality->romaji, err));
    return put_holder(body, q->resident, err);
}

/* The certificate is for the key in the request, and its issuer is the CA beside it. */
static int check_answer(const struct question *q, struct bytes certificate, struct bytes ca,
                        struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *issuer = NULL;
    struct csr csr;

    TRY(csr_parse(buf_bytes(&q->issue->request), &csr, err));
    TRY(x509_cert_parse(certificate, &cert, err));
    TRY(x509_cert_parse(ca, &issuer, err));
    if (!bytes_equal(x509_cert_tbs(cert)->spki, csr.spki))
        return FAIL(err, ERR_UNTRUSTED, "the certificate is for another key");
    return x509_cert_is_issued_by(cert, issuer, err);
}

int authority_ask(const char *socket, const struct question *question, struct buf *ret_certificate,
                  struct buf *ret_ca_certificate, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    CLEANUP(buf_done) struct buf ca = BUF_INIT;
    struct fetch_request request = {.method = "POST",
                                    .socket = socket,
                                    .url = "/v1/certificates",
                                    .traceparent = question->traceparent,
                                    .retries = RETRIES,
                                    .is_idempotent = true}; /* by its request_id */
    int rc;

    TRY(put_question(body, question, err));
    request.body = body;
    rc = fetch(&request, &response, err);
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_SYSTEM, "the authority does not list this register as a peer");
    TRY(rc);
    if (response.json == NULL ||
        json_get_base64(response.json, "certificate", &certificate, NULL) ||
        json_get_base64(response.json, "ca_certificate", &ca, NULL) ||
        check_answer(question, buf_bytes(&certificate), buf_bytes(&ca), NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer is not the certificate asked for");
    buf_done(ret_certificate);
    buf_done(ret_ca_certificate);
    buf_move(ret_certificate, &certificate);
    buf_move(ret_ca_certificate, &ca);
    return 0;
}

int authority_ask_revocation(const char *socket, const struct revocation_order *order,
                             const char *traceparent, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.method = "POST",
                                    .socket = socket,
                                    .url = "/v1/revocations",
                                    .body = body,
                                    .traceparent = traceparent};
    int rc;

    TRY(json_put_text(body, "request_id", order->request_id, err));
    TRY(json_put_text(body, "kind", order->kind, err));
    TRY(json_put_int(body, "serial", order->serial, err));
    TRY(json_put_text(body, "reason", order->reason, err));
    rc = fetch(&request, &response, err);
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_SYSTEM, "the authority does not list this register as a peer");
    return rc;
}

int authority_ask_status(const char *socket, enum cert_kind kind, uint64_t serial, bool *ret,
                         struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *url = NULL;
    struct fetch_request request = {.socket = socket};
    const char *state = NULL;

    TRY(path_format(&url, err, "/v1/certificates?kind=%s&serial=%llu", cert_kind_name(kind),
                    (unsigned long long)serial));
    request.url = url;
    TRY(fetch(&request, &response, err));
    if (response.json == NULL || json_get_text(response.json, "state", &state, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority does not say how the certificate stands");
    *ret = strcmp(state, "good") == 0;
    return 0;
}

static int read_card(const struct json *json, struct issued *ret, struct err *err)
{
    const char *issuer;

    TRY(json_get_text(json, "issuer", &issuer, err));
    TRY(json_get_int(json, "serial", &ret->serial, err));
    if (strlen(issuer) != ISSUER_ID_LEN)
        return FAIL(err, ERR_INPUT, "this is no key identifier");
    memcpy(ret->issuer, issuer, sizeof ret->issuer);
    return 0;
}

int authority_ask_phone_card(const char *socket, const struct issued *phone,
                             const char *traceparent, struct issued *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.method = "POST",
                                    .socket = socket,
                                    .url = "/v1/phones/card",
                                    .body = body,
                                    .traceparent = traceparent,
                                    .timeout_ms = PHONE_TIMEOUT_MS};
    struct issued card;
    int rc;

    TRY(json_put_text(body, "issuer", phone->issuer, err));
    TRY(json_put_int(body, "serial", phone->serial, err));
    rc = fetch(&request, &response, err);
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_SYSTEM, "the authority does not list this register as a peer");
    TRY(rc);
    if (response.json == NULL || read_card(response.json, &card, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority does not say which card a phone goes with");
    *ret = card;
    return 0;
}

int authority_ping(const char *socket, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.socket = socket, .url = "/livez"};

    return err_prefix(err, fetch(&request, &response, err), "the authority");
}
