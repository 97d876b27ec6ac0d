/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/responder.h"

#include "base/base64.h"
#include "base/trace.h"

#include <stdlib.h>

#define REQUEST_TYPE  "application/ocsp-request"
#define RESPONSE_TYPE "application/ocsp-response"

struct worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int ocsp_worker_open(void *context, void **ret, struct err *err)
{
    struct worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void ocsp_worker_close(void *context, void *worker)
{
    struct worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

static int worker_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct ocsp_responder *responder = call->context;
    struct worker *worker = call->worker;

    if (worker->signer == NULL)
        TRY(signer_open(responder->signer, &worker->signer, err));
    *ret = worker->signer;
    return 0;
}

int ocsp_delegate_check(const struct ocsp_delegate *delegate, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(delegate->certificate);

    TRY(x509_cert_is_issued_by(delegate->certificate, delegate->ca, err));
    if (tbs->is_ca || !tbs_has_purpose(tbs, OID_OCSP_SIGNING))
        return FAIL(err, ERR_UNTRUSTED, "a certificate that is not for OCSP signing");
    if (tbs_find(tbs, OID_OCSP_NOCHECK) == NULL)
        return FAIL(err, ERR_UNTRUSTED, "a responder's certificate without ocsp-nocheck");
    return 0;
}

static void knowledge_of(struct ocsp_responder *responder, enum ocsp_ca ca,
                         struct ocsp_knowledge *ret)
{
    *ret = (struct ocsp_knowledge){.ca = responder->delegates[ca].ca,
                                   .responder = responder->delegates[ca].certificate,
                                   .valid_s = responder->valid_s,
                                   .refresh_s = responder->refresh_s};
    ocsp_index_read(&responder->index, ca, ret);
}

int ocsp_ready(struct http_call *call, struct err *err)
{
    struct ocsp_responder *responder = call->context;
    int64_t now = clock_now(responder->clock);
    struct signer_status status;
    struct signer *signer;

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct ocsp_knowledge knowledge;
        bool is_current;

        knowledge_of(responder, (enum ocsp_ca)ca, &knowledge);
        is_current = ocsp_is_current(&knowledge, now);
        ocsp_index_release(&responder->index);
        if (!is_current)
            return FAIL(err, ERR_REMOTE,
                        "the authority has not confirmed revocations for too long, "
                        "or a responder's certificate has expired");
    }
    TRY(worker_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

/* Signed, looked at once more, and put together. */
static int finish(struct http_call *call, const struct ocsp_delegate *delegate, struct bytes data,
                  struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct signer *signer;
    struct digest digest;

    TRY(worker_signer(call, &signer, err));
    TRY(signer_sign(signer, delegate->key, SIGNER_OCSP_RESPONSE, data, &signature, err));
    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    TRY(pubkey_verify(x509_cert_pubkey(delegate->certificate), &digest, buf_bytes(&signature),
                      err));
    return ocsp_response_assemble(data, buf_bytes(&signature), x509_cert_der(delegate->certificate),
                                  ret, err);
}

static int make(struct http_call *call, enum ocsp_ca ca, struct bytes request,
                enum ocsp_status *ret_status, struct buf *ret, struct err *err)
{
    struct ocsp_responder *responder = call->context;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_knowledge knowledge;
    int rc;

    knowledge_of(responder, ca, &knowledge);
    rc = ocsp_answer(&knowledge, request, clock_now(responder->clock), ret_status, &data, err);
    ocsp_index_release(&responder->index);
    TRY(rc);
    if (*ret_status != OCSP_SUCCESSFUL)
        return ocsp_response_refuse(*ret_status, ret, err);
    return finish(call, &responder->delegates[ca], buf_bytes(&data), ret, err);
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

static int answer(struct http_call *call, enum ocsp_ca ca, struct bytes request, struct err *err)
{
    const struct ocsp_responder *responder = call->context;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    enum ocsp_status status = OCSP_INTERNAL_ERROR;
    struct err why = {0};
    int rc = make(call, ca, request, &status, &response, &why);

    if (rc < 0) {
        if (responder->report != NULL)
            responder->report(&why);
        status = rc == -ERR_REMOTE ? OCSP_TRY_LATER : OCSP_INTERNAL_ERROR;
        buf_clear(&response);
        TRY(ocsp_response_refuse(status, &response, err));
    } else if (status == OCSP_SUCCESSFUL) {
        note_answer(call, ca);
    }
    return http_reply_bytes(&call->response, 200, RESPONSE_TYPE, buf_bytes(&response), err);
}

/* What is not base64 is no request. */
static int answer_text(struct http_call *call, enum ocsp_ca ca, struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    int rc = base64_decode(BASE64_PADDED, bytes_text(http_param(&call->request, "request")),
                           &request, err);

    if (rc < 0 && rc != -ERR_INPUT)
        return rc;
    if (rc < 0)
        buf_clear(&request);
    return answer(call, ca, buf_bytes(&request), err);
}

static int post_sign(struct http_call *call, struct err *err)
{
    return answer(call, OCSP_CA_SIGN, call->request.body, err);
}

static int post_auth(struct http_call *call, struct err *err)
{
    return answer(call, OCSP_CA_AUTH, call->request.body, err);
}

static int get_sign(struct http_call *call, struct err *err)
{
    return answer_text(call, OCSP_CA_SIGN, err);
}

static int get_auth(struct http_call *call, struct err *err)
{
    return answer_text(call, OCSP_CA_AUTH, err);
}

const struct http_about ocsp_about = {
    "ocsp", "OpenJPKI OCSP responders",
    "Answers whether certificates are revoked (RFC 6960), to registered verifiers. Refusals are "
    "OCSP answers with status 200."};

static const struct http_answer ocsp_answers[] = {{200, "an OCSP response", .type = RESPONSE_TYPE},
                                                  {0}};

/* Anybody: requests are signed, and whoever did not sign learns only that. */
const struct route ocsp_routes[] = {
    {.method = HTTP_POST,
     .path = "/sign",
     .access = &http_anyone,
     .body_type = REQUEST_TYPE,
     .body_max = OCSP_REQUEST_MAX,
     .handle = post_sign,
     .operation = "askSign",
     .summary = "Ask about certificates of the sign CA",
     .answers = ocsp_answers},
    {.method = HTTP_GET,
     .path = "/sign/*request",
     .access = &http_anyone,
     .handle = get_sign,
     .operation = "askSignInPath",
     .summary = "The same, with the request as base64 in the path",
     .answers = ocsp_answers},
    {.method = HTTP_POST,
     .path = "/auth",
     .access = &http_anyone,
     .body_type = REQUEST_TYPE,
     .body_max = OCSP_REQUEST_MAX,
     .handle = post_auth,
     .operation = "askAuth",
     .summary = "Ask about certificates of the auth CA",
     .answers = ocsp_answers},
    {.method = HTTP_GET,
     .path = "/auth/*request",
     .access = &http_anyone,
     .handle = get_auth,
     .operation = "askAuthInPath",
     .summary = "The same, with the request as base64 in the path",
     .answers = ocsp_answers},
    {.path = NULL},
};
