/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP over HTTP (RFC 6960, A.1; RFC 5019, 5 and 6): what is asked is taken out of the body or the
 * path, and what is answered gets its header.
 */
#include "ocsp/responder.h"

#include "base/base64.h"
#include "base/trace.h"
#include "http/range.h"

#include <stdio.h>
#include <string.h>

#define REQUEST_TYPE  "application/ocsp-request"
#define RESPONSE_TYPE "application/ocsp-response"

int ocsp_ready(struct http_call *call, struct err *err)
{
    struct ocsp_responder *responder = call->context;
    struct signer_status status;
    struct signer *signer;

    if (!ocsp_responder_is_current(responder, clock_now(responder->clock)))
        return FAIL(err, ERR_REMOTE,
                    "the authority has not confirmed revocations for too long, "
                    "or a responder's certificate has expired");
    TRY(ocsp_worker_signer(responder, call->worker, &signer, err));
    return signer_status(signer, &status, err);
}

/*
 * The last step of a signature's or a login's check. Who asked is not looked at: an operator who
 * asks about a certificate gets the same answer.
 */
static void note_answer(const struct http_call *call, enum ocsp_ca ca)
{
    bool is_sign = ca == OCSP_CA_SIGN;

    trace_step(is_sign ? "F2" : "F3", is_sign ? "⑥" : "⑦",
               "the authority's responder answered whether the certificate is in force",
               call->request.trace_id);
}

/* ---- the header ---- */

/*
 * RFC 5019, 6.2, but private: whoever is between is not the requester. Where the index is refreshed
 * at fixed times there is nothing newer before nextUpdate; else an answer is to be asked for again,
 * which costs little if it is the same.
 */
static int put_dates(struct http_response *response, const struct ocsp_exchange *exchange,
                     bool is_refreshed_at_ticks, struct err *err)
{
    const char *control = "max-age=0, private, no-transform, must-revalidate";
    char date[HTTP_DATE_SIZE];
    char until_tick[96];

    if (is_refreshed_at_ticks) {
        (void)snprintf(until_tick, sizeof until_tick,
                       "max-age=%lld, private, no-transform, must-revalidate",
                       (long long)(exchange->kept.single.next_update - exchange->now));
        control = until_tick;
    }
    http_date_format(exchange->now, date);
    TRY(http_reply_field(response, "Cache-Control", control, err));
    TRY(http_reply_field(response, "Date", date, err));
    TRY(http_reply_field(response, "Last-Modified", exchange->kept.modified, err));
    TRY(http_reply_field(response, "Expires", exchange->kept.expires, err));
    return http_reply_field(response, "ETag", exchange->kept.etag, err);
}

/* RFC 9110, 13.1.2: for GET and HEAD. */
static bool is_known_to_client(const struct http_request *request, const char *etag)
{
    const char *known = request->method == HTTP_GET || request->method == HTTP_HEAD
                            ? http_header(request, "If-None-Match")
                            : NULL;

    return known != NULL && (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

/* Each question of a requester is charged for, whether its answer is new to it or not (pki.md 6).
 */
static void count(const struct ocsp_responder *responder, const struct ocsp_exchange *exchange)
{
    if (responder->meter == NULL || exchange->status != OCSP_SUCCESSFUL ||
        exchange->client.place == REQUESTER_UNCOUNTED)
        return;
    for (size_t i = 0; i < exchange->questions; i++)
        ocsp_meter_count(responder->meter, exchange->client.place, exchange->ca);
}

static int reply(struct http_call *call, struct ocsp_exchange *exchange, struct err *err)
{
    const struct ocsp_responder *responder = call->context;

    if (exchange->status == OCSP_SUCCESSFUL)
        note_answer(call, exchange->ca);
    if (exchange->may_be_kept && is_known_to_client(&call->request, exchange->kept.etag))
        http_reply_empty(&call->response, 304);
    else
        http_reply_buf(&call->response, 200, RESPONSE_TYPE, &exchange->body);
    if (exchange->may_be_kept)
        TRY(put_dates(&call->response, exchange, responder->refresh_s > 0, err));
    count(responder, exchange);
    return 0;
}

/* ---- the question ---- */

static int proxy_check(const struct http_call *call, struct err *err)
{
    const struct ocsp_responder *responder = call->context;

    if (responder == NULL || !http_peer_is_in(call, responder->proxies, responder->proxy_count))
        return FAIL(err, ERR_DENIED, "only the proxy may ask here");
    return 0;
}

static const struct http_access ocsp_proxy_peer = {
    "proxy", proxy_check,
    "Served on a Unix socket of its own, to the user ids listed as proxies, which say who asks."};

/* What the header says of the TLS client counts only where nobody but the proxy can say it. */
static struct ocsp_client client_of(const struct http_call *call)
{
    const char *certificate = http_header(&call->request, OCSP_CLIENT_FIELD);

    if (call->route->access == &http_anyone)
        return (struct ocsp_client){NULL, REQUESTER_UNCOUNTED};
    return (struct ocsp_client){certificate == NULL ? "" : certificate, REQUESTER_UNCOUNTED};
}

static enum ocsp_ca ca_of(const struct http_call *call)
{
    return strncmp(call->route->path, "/sign", strlen("/sign")) == 0 ? OCSP_CA_SIGN : OCSP_CA_AUTH;
}

/* The request: the body, or base64 in the path. What is not base64 is no request. */
static int find_request(const struct http_call *call, struct buf *decoded, struct bytes *ret,
                        struct err *err)
{
    int rc;

    *ret = call->request.body;
    if (call->route->method == HTTP_POST)
        return 0;
    rc = base64_decode(BASE64_PADDED, bytes_text(http_param(&call->request, "request")), decoded,
                       err);
    if (rc == -ERR_INPUT) {
        buf_clear(decoded);
        rc = 0;
    }
    *ret = buf_bytes(decoded);
    return rc;
}

static int begin(const struct http_call *call, struct buf *decoded, struct ocsp_exchange *ret,
                 struct err *err)
{
    const struct ocsp_responder *responder = call->context;

    ret->ca = ca_of(call);
    ret->client = client_of(call);
    ret->now = clock_now(responder->clock);
    return find_request(call, decoded, &ret->request, err);
}

/* Keys and knowledge that are away for a while are no reason to fail. */
static int conclude(struct http_call *call, struct ocsp_exchange *exchange,
                    const struct http_outcome *made, struct err *err)
{
    const struct ocsp_responder *responder = call->context;

    if (made->rc < 0) {
        if (responder->report != NULL)
            responder->report(&made->err);
        exchange->status = made->rc == -ERR_REMOTE ? OCSP_TRY_LATER : OCSP_INTERNAL_ERROR;
        exchange->may_be_kept = false;
        buf_done(&exchange->body);
        TRY(ocsp_response_refuse(exchange->status, &exchange->body, err));
    }
    return reply(call, exchange, err);
}

static int handle(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf decoded = BUF_INIT;
    CLEANUP(ocsp_exchange_done) struct ocsp_exchange exchange = {.body = BUF_INIT};
    struct http_outcome made = {.rc = 0};

    TRY(begin(call, &decoded, &exchange, err));
    made.rc = ocsp_respond(call->context, call->worker, &exchange, &made.err);
    return conclude(call, &exchange, &made, err);
}

/* Of several, with what they point into. */
struct visit {
    struct buf decoded;
    struct ocsp_exchange exchange;
};

static void handle_all(struct http_call *const *calls, struct http_outcome *outcomes, size_t count)
{
    struct visit visits[HTTP_COMPANY_MAX] = {{.decoded = BUF_INIT}};
    struct http_outcome made[HTTP_COMPANY_MAX] = {{0}};
    struct ocsp_exchange *begun[HTTP_COMPANY_MAX] = {NULL};
    size_t visitor[HTTP_COMPANY_MAX];
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        outcomes[i].rc = begin(calls[i], &visits[i].decoded, &visits[i].exchange, &outcomes[i].err);
        if (outcomes[i].rc < 0)
            continue;
        visitor[left] = i;
        begun[left++] = &visits[i].exchange;
    }
    ocsp_respond_all(calls[0]->context, calls[0]->worker, begun, made, left);
    for (size_t k = 0; k < left; k++) {
        size_t i = visitor[k];

        outcomes[i].rc = conclude(calls[i], begun[k], &made[k], &outcomes[i].err);
    }
    for (size_t i = 0; i < count; i++) {
        buf_done(&visits[i].decoded);
        ocsp_exchange_done(&visits[i].exchange);
    }
}

static bool quick(struct http_call *call)
{
    CLEANUP(buf_done) struct buf decoded = BUF_INIT;
    CLEANUP(ocsp_exchange_done) struct ocsp_exchange exchange = {.body = BUF_INIT};

    if (begin(call, &decoded, &exchange, NULL) < 0 || !ocsp_recall(call->context, &exchange))
        return false;
    if (reply(call, &exchange, NULL) == 0)
        return true;
    http_response_done(&call->response);
    return false;
}

/* ---- lists of revocations ---- */

/* A list's name begins with that of its CA; which lists there are is not decided here. */
static enum ocsp_ca ca_of_list(const char *name)
{
    return strncmp(name, "auth-", strlen("auth-")) == 0 ? OCSP_CA_AUTH : OCSP_CA_SIGN;
}

/* Whether TLS says that it is one of the requesters of that CA. */
static int check_requester(const struct http_call *call, enum ocsp_ca ca, struct err *err)
{
    struct ocsp_responder *responder = call->context;
    const struct ocsp_client client = client_of(call);
    struct ocsp_knowledge knowledge = {.valid_s = 0};
    unsigned place;
    int rc = -ERR_UNTRUSTED;

    ocsp_index_read(&responder->index, ca, &knowledge);
    if (knowledge.requesters != NULL)
        rc = requesters_check_tls(knowledge.requesters, client.certificate,
                                  clock_now(responder->clock), &place, NULL);
    ocsp_index_release(&responder->index);
    if (rc < 0)
        return FAIL(err, ERR_DENIED, "lists are for registered verifiers, by their certificate");
    return 0;
}

static int get_list(struct http_call *call, struct err *err)
{
    const struct ocsp_responder *responder = call->context;
    const char *name = http_param(&call->request, "name");
    char etag[LIST_ETAG_SIZE];
    struct bytes list;
    int rc;

    TRY(check_requester(call, ca_of_list(name), err));
    if (responder->lists == NULL)
        return FAIL(err, ERR_ABSENT, "there are no lists here");
    TRY(lists_hold(responder->lists, name, &list, etag, err));
    rc = http_reply_file(&call->request, &call->response, "application/pkix-crl", list, etag, err);
    lists_release(responder->lists);
    TRY(rc);
    return http_reply_field(&call->response, "Cache-Control", "private, no-cache", err);
}

/* ---- the rows ---- */

const struct http_about ocsp_about = {
    "ocsp", "OpenJPKI OCSP responders",
    "Answers whether certificates are revoked (RFC 6960), to registered verifiers. Refusals are "
    "OCSP answers with status 200."};

static const struct http_answer ocsp_answers[] = {
    {200, "an OCSP response", .type = RESPONSE_TYPE},
    {304, "the response is the one that the caller has"},
    {0}};

#define POST_ROW(ca, access_, name)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .path = "/" ca, .access = (access_), .body_type = REQUEST_TYPE,       \
        .body_max = OCSP_REQUEST_MAX, .handle = handle, .handle_all = handle_all, .quick = quick,  \
        .operation = "ask" name, .summary = "Ask about certificates of the " ca " CA",             \
        .answers = ocsp_answers                                                                    \
    }
#define GET_ROW(ca, access_, name)                                                                 \
    {                                                                                              \
        .method = HTTP_GET, .path = "/" ca "/*request", .access = (access_), .handle = handle,     \
        .handle_all = handle_all, .quick = quick, .operation = "ask" name "InPath",                \
        .summary = "The same, with the request as base64 in the path", .answers = ocsp_answers     \
    }
#define ROWS(access_)                                                                              \
    POST_ROW("sign", access_, "Sign"), GET_ROW("sign", access_, "Sign"),                           \
        POST_ROW("auth", access_, "Auth"), GET_ROW("auth", access_, "Auth")

/* Anybody: requests are signed, and whoever did not sign learns only that. */
const struct route ocsp_routes[] = {ROWS(&http_anyone), {.path = NULL}};
static const struct http_answer list_answers[] = {
    {200, "the list, DER", .type = "application/pkix-crl"},
    {206, "a part of it", .type = "application/pkix-crl"},
    {304, "the list is the one that the caller has"},
    {416, "there is no such part"},
    {0}};
const struct route ocsp_proxy_routes[] = {
    ROWS(&ocsp_proxy_peer),
    {.method = HTTP_GET,
     .path = "/crl/:name",
     .access = &ocsp_proxy_peer,
     .handle = get_list,
     .operation = "getList",
     .summary = "Fetch a list of revocations, or a part of it, as a registered verifier",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL}};
