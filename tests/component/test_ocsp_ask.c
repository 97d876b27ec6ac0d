/* SPDX-License-Identifier: Apache-2.0 */
/* The asking side against the answering side, over HTTP: Unix socket and TCP. */
#include "base/sock.h"
#include "http/server.h"
#include "ocsp/answer.h"
#include "support/responder.h"
#include "support/revocations.h"
#include "support/tempdir.h"
#include "verify/certificate.h"
#include "verify/ocsp_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki stranger;
static struct x509_cert *responder;
static struct anchors *anchors;

/* What the responder does besides answering. */
enum manner { HONEST, LARGE, BROKEN };

struct site {
    struct ocsp_knowledge knowledge;
    struct requesters *requesters;
    struct revocation_set *revoked;
    enum manner manner;
};

static const struct revocation moved[] = {{2, TEST_PKI_NOW - 50, CRL_AFFILIATION_CHANGED}};

/* As the responder does, less the signature. */
static int give_answer(const struct ocsp_knowledge *k, struct bytes bytes, int64_t now,
                       enum ocsp_status *ret, struct buf *data, struct err *err)
{
    struct ocsp_client client = {NULL, REQUESTER_UNCOUNTED};
    struct ocsp_response response;
    struct ocsp_request request;
    int rc = ocsp_request_parse(bytes, &request, err);

    *ret = OCSP_MALFORMED_REQUEST;
    if (rc < 0)
        return rc == -ERR_INPUT ? 0 : rc;
    TRY(ocsp_admit(k, &request, &client, now, ret, err));
    return *ret == OCSP_SUCCESSFUL ? ocsp_build(k, &request, now, &response, data, err) : 0;
}

static int answer(struct http_call *call, struct err *err)
{
    static const uint8_t zeros[OCSP_RESPONSE_MAX + 1];
    const struct site *site = call->context;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    enum ocsp_status status = OCSP_INTERNAL_ERROR;
    struct digest digest;

    if (site->manner == BROKEN)
        return FAIL(err, ERR_SYSTEM, "broken");
    if (site->manner == LARGE)
        return http_reply_bytes(&call->response, 200, "application/ocsp-response",
                                BYTES_ARRAY(zeros), err);
    TRY(give_answer(&site->knowledge, call->request.body, TEST_PKI_NOW, &status, &data, err));
    if (status != OCSP_SUCCESSFUL) {
        TRY(ocsp_response_refuse(status, &response, err));
    } else {
        TRY(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, err));
        TRY(privkey_sign(stranger.keys[PROFILE_SIGN_CA], &digest, &signature, err));
        TRY(ocsp_response_assemble(buf_bytes(&data), buf_bytes(&signature),
                                   x509_cert_der(responder), &response, err));
    }
    return http_reply_bytes(&call->response, 200, "application/ocsp-response", buf_bytes(&response),
                            err);
}

static const struct http_answer responses[] = {
    {200, "a response", .type = "application/ocsp-response"}, {0}};
static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/sign",
     .access = &http_anyone,
     .handle = answer,
     .operation = "ask",
     .summary = "Ask",
     .answers = responses,
     .body_max = OCSP_REQUEST_MAX,
     .body_type = "application/ocsp-request"},
    {.path = NULL},
};

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&stranger);
    test_responder_make(&pki, stranger.keys[PROFILE_SIGN_CA], RESPONDER_GOOD, &responder);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    return anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL);
}

static int teardown(void **state)
{
    (void)state;
    x509_cert_freep(&responder);
    anchors_freep(&anchors);
    test_pki_done(&pki);
    test_pki_done(&stranger);
    return 0;
}

static const struct gaps no_gaps = {.count = 0};
static const struct serial_runs no_runs = {.count = 0};

static void open_site(struct site *site, size_t revoked)
{
    struct test_revocations array = {.entries = moved, .count = revoked};
    struct revocation_source source = test_revocations_source(&array);

    *site = (struct site){.manner = HONEST};
    assert_int_equal(requesters_new(&site->requesters, NULL), 0);
    assert_int_equal(requesters_add(site->requesters, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    assert_int_equal(revocation_set_new(&source, &site->revoked, NULL), 0);
    site->knowledge = (struct ocsp_knowledge){.ca = pki.certs[PROFILE_SIGN_CA],
                                              .responder = responder,
                                              .requesters = site->requesters,
                                              .revoked = site->revoked,
                                              .issued = 2,
                                              .gaps = &no_gaps,
                                              .runs = &no_runs,
                                              .confirmed_at = TEST_PKI_NOW,
                                              .valid_s = 900};
}

static void close_site(struct site *site)
{
    revocation_set_freep(&site->revoked);
    requesters_freep(&site->requesters);
}

/* The context of the asker: the way first, then the key that signs. */
struct way {
    struct ocsp_fetch fetch;
    const struct privkey *key;
};

static int sign(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    const struct way *way = context;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    return privkey_sign(way->key, &digest, ret, err);
}

/* The sign certificate, judged with answers that come that way; a stranger may ask as well. */
static struct report judge(const struct ocsp_fetch *fetch, bool as_stranger, bool is_signed)
{
    const struct test_pki *asking = as_stranger ? &stranger : &pki;
    const struct way way = {*fetch, asking->keys[PROFILE_AUTH]};
    const struct ocsp_asker asker = {&way, is_signed ? sign : NULL, asking->certs[PROFILE_AUTH],
                                     ocsp_fetch_send};
    const struct status_source source = ocsp_status_source(&asker);
    const struct trust trust = {anchors, &source, TEST_PKI_NOW};
    struct report report = {.verdict = VERDICT_VALID};
    struct certificate_facts facts;

    assert_int_equal(certificate_verify(pki.certs[PROFILE_SIGN], PURPOSE_DOCUMENT, &trust, &report,
                                        &facts, NULL),
                     0);
    return report;
}

static void assert_reason(struct report report, enum reason reason)
{
    assert_int_equal(report.reason_count, 1);
    assert_string_equal(reason_name(report.reasons[0]), reason_name(reason));
    assert_int_equal(report.verdict, reason_verdict(reason));
}

struct place {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct http_server *server;
};

static void start(struct place *place, struct site *site)
{
    struct http_server_options options = {.routes = routes, .context = site, .workers = 1};
    int fd = -1;

    place->dir = tempdir_make();
    (void)tempdir_file(&place->dir, "ocsp.sock", place->path);
    assert_int_equal(sock_listen(place->path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &place->server, NULL), 0);
}

static void stop(struct place *place)
{
    http_server_stopp(&place->server);
    tempdir_done(&place->dir);
}

static void a_responder_that_is_down_broken_or_talkative_decides_nothing(void **state)
{
    struct place place;
    struct site site;

    (void)state;
    open_site(&site, 0);
    start(&place, &site);
    struct ocsp_fetch fetch = {.socket = place.path};
    site.manner = BROKEN;
    assert_reason(judge(&fetch, false, true), REASON_OCSP_UNAVAILABLE);
    site.manner = LARGE;
    assert_reason(judge(&fetch, false, true), REASON_OCSP_UNAVAILABLE);
    stop(&place);
    assert_reason(judge(&fetch, false, true), REASON_OCSP_UNAVAILABLE);
    close_site(&site);
}

static void only_registered_verifiers_get_an_answer(void **state)
{
    struct place place;
    struct site site;

    (void)state;
    open_site(&site, 0);
    start(&place, &site);
    struct ocsp_fetch fetch = {.socket = place.path};
    assert_reason(judge(&fetch, false, false), REASON_OCSP_REFUSED);
    assert_reason(judge(&fetch, true, true), REASON_OCSP_REFUSED);
    site.knowledge.confirmed_at = TEST_PKI_NOW - 901;
    assert_reason(judge(&fetch, false, true), REASON_OCSP_TRY_LATER);
    stop(&place);
    close_site(&site);
}

static void what_the_responder_knows_decides(void **state)
{
    struct place place;
    struct site site;

    (void)state;
    open_site(&site, 1);
    start(&place, &site);
    struct ocsp_fetch fetch = {.socket = place.path};
    assert_reason(judge(&fetch, false, true), REASON_REVOKED);
    close_site(&site);
    open_site(&site, 0);
    assert_int_equal(judge(&fetch, false, true).verdict, VERDICT_VALID);
    site.knowledge.issued = 1; /* the certificate has serial 2 */
    assert_reason(judge(&fetch, false, true), REASON_STATUS_UNKNOWN);
    stop(&place);
    close_site(&site);
}

static void tcp_works_with_the_path_of_the_certificate(void **state)
{
    struct http_server_options options = {.routes = routes, .workers = 1};
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    struct site site;
    char base[64];
    uint16_t port = 0;
    int fd = -1;

    (void)state;
    open_site(&site, 0);
    options.context = &site;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    (void)snprintf(base, sizeof base, "http://127.0.0.1:%u", port);
    struct ocsp_fetch fetch = {.base = base};
    assert_int_equal(judge(&fetch, false, true).verdict, VERDICT_VALID);
    http_server_stopp(&server);
    close_site(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_responder_that_is_down_broken_or_talkative_decides_nothing),
        cmocka_unit_test(only_registered_verifiers_get_an_answer),
        cmocka_unit_test(what_the_responder_knows_decides),
        cmocka_unit_test(tcp_works_with_the_path_of_the_certificate),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
