/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What anybody sends to the OCSP responders. The first byte chooses how, the second the CA:
 *   0  POST, the rest as it is            1  GET, the rest as the path has it
 *   2  GET, the rest in base64            3  POST, the rest as a TBSRequest that a verifier signs
 *   4  POST, a verifier's question: per certificate a byte for the algorithm and the length of
 *      the serial number, and the number; what is left is the nonce
 * Keys are made at the first input, so nothing but 3 and 4 can have signed.
 */
#include "ocsp/responder.h"

#include "base/base64.h"
#include "fuzz.h"
#include "http/engine.h"
#include "support/ocsp_appoint.h"
#include "support/pki.h"
#include "support/revocations.h"
#include "support/token_signer.h"

#include <stdio.h>
#include <string.h>

enum { NOW = TEST_PKI_NOW, ISSUED = 300, REVOKED = 8, GAP_FIRST = 4, GAP_LAST = 6, WAYS = 5 };

static struct test_pki pki;
static struct ocsp_responder responder;
static struct x509_cert *delegates[OCSP_CAS_];
static struct clock moment;

static const struct x509_cert *ca_of(enum ocsp_ca ca)
{
    return pki.certs[ca == OCSP_CA_SIGN ? PROFILE_SIGN_CA : PROFILE_AUTH_CA];
}

static void clean(void)
{
    ocsp_index_done(&responder.index);
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        x509_cert_freep(&delegates[ca]);
    test_pki_done(&pki);
}

static void know(void)
{
    static const struct revocation entry = {REVOKED, NOW - 60, CRL_SUPERSEDED};
    struct ocsp_state state = {.issued = {ISSUED, ISSUED}, .confirmed_at = NOW};

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct test_revocations all = {&entry, 1, 0, 0};
        struct revocation_source source = test_revocations_source(&all);

        FUZZ_CHECK(revocation_set_new(&source, &state.revoked[ca], NULL) == 0);
        FUZZ_CHECK(gaps_add_range(&state.gaps[ca], GAP_FIRST, GAP_LAST, NULL) == 0);
    }
    FUZZ_CHECK(requesters_new(&state.requesters, NULL) == 0);
    FUZZ_CHECK(requesters_add(state.requesters, x509_cert_der(pki.certs[PROFILE_AUTH]),
                              REQUESTER_UNCOUNTED, NULL) == 0);
    ocsp_index_update(&responder.index, &state);
    ocsp_state_done(&state);
}

static void prepare(void)
{
    struct ocsp_appointment appointments[OCSP_CAS_];

    FUZZ_CHECK(atexit(clean) == 0);
    test_pki_make(&pki);
    token_signer.key = pki.keys[PROFILE_OCSP_SIGN];
    moment = clock_fixed(NOW);
    responder = (struct ocsp_responder){
        .clock = &moment, .signer = "/nonexistent/signer.sock", .valid_s = 900};
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        enum profile_kind kind = ca == OCSP_CA_SIGN ? PROFILE_OCSP_SIGN : PROFILE_OCSP_AUTH;
        struct profile_inputs inputs = test_pki_inputs(&pki, kind);

        inputs.spki = test_pki_spki(&pki, PROFILE_OCSP_SIGN); /* one key for both */
        test_pki_issue(&pki, kind, &inputs, &delegates[ca]);
        appointments[ca] = (struct ocsp_appointment){(enum ocsp_ca)ca, "ocsp",
                                                     x509_cert_der(ca_of((enum ocsp_ca)ca)),
                                                     x509_cert_der(delegates[ca])};
    }
    FUZZ_CHECK(ocsp_index_init(&responder.index, NULL) == 0);
    FUZZ_CHECK(test_appoint(&responder.index, appointments, OCSP_CAS_, NULL) == 0);
    know();
}

/* The HTTP status; *ret_body lies in answer. */
static unsigned exchange(struct bytes request, struct buf *answer, struct bytes *ret_body)
{
    static const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.routes = ocsp_routes,
                                                .context = &responder,
                                                .worker_open = ocsp_worker_open,
                                                .worker_close = ocsp_worker_close};
    unsigned status = 0;
    const uint8_t *body;

    FUZZ_CHECK(http_loopback(&options, &peer, request, answer, NULL) == 0);
    FUZZ_CHECK(answer->len > 12 && memcmp(answer->ptr, "HTTP/1.1 ", 9) == 0);
    for (int i = 9; i < 12; i++)
        status = status * 10 + (unsigned)(answer->ptr[i] - '0');
    body = memmem(answer->ptr, answer->len, "\r\n\r\n", 4);
    FUZZ_CHECK(body != NULL);
    *ret_body = bytes_of(body + 4, answer->len - (size_t)(body + 4 - answer->ptr));
    return status;
}

static unsigned post(enum ocsp_ca ca, struct bytes body, struct buf *answer, struct bytes *ret_body)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    FUZZ_CHECK(buf_append_format(&request, NULL,
                                 "POST /%s HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                 "application/ocsp-request\r\nContent-Length: %zu\r\n\r\n",
                                 ocsp_ca_name(ca), body.len) == 0);
    FUZZ_CHECK(buf_append(&request, body, NULL) == 0);
    return exchange(buf_bytes(&request), answer, ret_body);
}

static unsigned get(enum ocsp_ca ca, struct bytes text, struct buf *answer, struct bytes *ret_body)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    FUZZ_CHECK(buf_append_format(&request, NULL, "GET /%s/", ocsp_ca_name(ca)) == 0);
    FUZZ_CHECK(buf_append(&request, text, NULL) == 0);
    FUZZ_CHECK(buf_append_text(&request, " HTTP/1.1\r\nHost: x\r\n\r\n", NULL) == 0);
    return exchange(buf_bytes(&request), answer, ret_body);
}

/* A good answer is signed, and says of each certificate what is known. */
static void check_response(enum ocsp_ca ca, const struct ocsp_response *response)
{
    struct digest digest;
    bool is_ours;

    FUZZ_CHECK(digest_compute(DIGEST_SHA256, response->tbs, &digest, NULL) == 0);
    FUZZ_CHECK(pubkey_verify(x509_cert_pubkey(delegates[ca]), &digest, response->signature.value,
                             NULL) == 0);
    for (size_t i = 0; i < response->count; i++) {
        const struct ocsp_single *single = &response->singles[i];
        uint64_t serial = ocsp_cert_id_serial(&single->id);
        enum ocsp_cert_status expected = OCSP_GOOD;

        FUZZ_CHECK(ocsp_cert_id_names(&single->id, x509_cert_tbs(ca_of(ca)), &is_ours, NULL) == 0);
        if (!is_ours || serial == 0 || serial > ISSUED ||
            (serial >= GAP_FIRST && serial <= GAP_LAST))
            expected = OCSP_UNKNOWN;
        else if (serial == REVOKED)
            expected = OCSP_REVOKED;
        FUZZ_CHECK(single->status == expected);
        FUZZ_CHECK(single->this_update <= NOW && single->next_update > NOW);
    }
}

/* Signed by the one verifier there is. */
static void ask_signed(enum ocsp_ca ca, struct bytes tbs)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct ocsp_response response;
    struct digest digest;
    struct bytes body;
    unsigned status;

    FUZZ_CHECK(digest_compute(DIGEST_SHA256, tbs, &digest, NULL) == 0);
    FUZZ_CHECK(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &signature, NULL) == 0);
    if (ocsp_request_assemble(tbs, buf_bytes(&signature), x509_cert_der(pki.certs[PROFILE_AUTH]),
                              &request, NULL) < 0)
        return;
    status = post(ca, buf_bytes(&request), &answer, &body);
    FUZZ_CHECK(status == (request.len > OCSP_REQUEST_MAX ? 413 : 200));
    if (status != 200)
        return;
    FUZZ_CHECK(ocsp_response_parse(body, &response, NULL) == 0);
    if (response.status == OCSP_SUCCESSFUL)
        check_response(ca, &response);
    else
        FUZZ_CHECK(response.status == OCSP_MALFORMED_REQUEST ||
                   response.status == OCSP_UNAUTHORIZED || response.status == OCSP_SIG_REQUIRED);
}

static void ask_question(enum ocsp_ca ca, struct bytes rest)
{
    struct buf ids[OCSP_SINGLES_MAX] = {BUF_INIT};
    struct bytes der[OCSP_SINGLES_MAX];
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct ocsp_question question = {.cert_ids = der};

    while (rest.len > 0 && question.count < OCSP_SINGLES_MAX) {
        enum digest_alg alg = rest.ptr[0] % 2 == 0 ? DIGEST_SHA1 : DIGEST_SHA256;
        size_t len = 1 + rest.ptr[0] / 2 % 20;
        struct buf *id = &ids[question.count];

        if (len > rest.len - 1 || ocsp_cert_id_build(alg, x509_cert_tbs(ca_of(ca)),
                                                     bytes_part(rest, 1, len), id, NULL) < 0)
            break;
        der[question.count++] = buf_bytes(id);
        rest = bytes_part(rest, 1 + len, rest.len - 1 - len);
    }
    question.nonce = rest;
    if (question.count > 0 && ocsp_request_build(&question, &tbs, NULL) == 0)
        ask_signed(ca, buf_bytes(&tbs));
    for (size_t i = 0; i < OCSP_SINGLES_MAX; i++)
        buf_done(&ids[i]);
}

/* From somebody who is no verifier. Other than 200 only for what is no request of HTTP. */
static void ask_unsigned(unsigned way, enum ocsp_ca ca, struct bytes rest)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct ocsp_response response;
    struct bytes body;
    unsigned status;

    if (way == 2)
        FUZZ_CHECK(base64_append(&text, BASE64_PADDED, rest, NULL) == 0);
    if (way == 0)
        status = post(ca, rest, &answer, &body);
    else
        status = get(ca, way == 1 ? rest : buf_bytes(&text), &answer, &body);
    FUZZ_CHECK(status == 200 || (status >= 400 && status < 500));
    if (status != 200)
        return;
    FUZZ_CHECK(ocsp_response_parse(body, &response, NULL) == 0);
    FUZZ_CHECK(response.status == OCSP_MALFORMED_REQUEST || response.status == OCSP_UNAUTHORIZED ||
               response.status == OCSP_SIG_REQUIRED);
}

/* libFuzzer calls it before it looks at the clock: making keys takes longer than any input may. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    prepare();
    return 0;
}

FUZZ_TARGET(data, size)
{
    struct bytes rest = size < 2 ? (struct bytes){NULL, 0} : bytes_of(data + 2, size - 2);
    enum ocsp_ca ca;

    if (size < 2)
        return 0;
    if (token_signer.key == NULL)
        prepare();
    ca = data[1] % 2 == 0 ? OCSP_CA_SIGN : OCSP_CA_AUTH;
    if (data[0] % WAYS == 4)
        ask_question(ca, rest);
    else if (data[0] % WAYS == 3)
        ask_signed(ca, rest);
    else
        ask_unsigned(data[0] % WAYS, ca, rest);
    return 0;
}
