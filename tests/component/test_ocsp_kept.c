/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are given again, to somebody whom a proxy has identified, while what they say
 * changes. Time is moved between questions, so that an answer that was signed anew is another one.
 */
#include "base/base64.h"
#include "fetch/fetch.h"
#include "ocsp/responder.h"
#include "support/httpclient.h"
#include "support/ocsp_appoint.h"
#include "support/ocsp_question.h"
#include "support/signer_site.h"
#include "x509/pem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { VALID_S = 900, KEEP_S = 300, ISSUED = 9 };

static struct test_pki pki;
static struct signer_site site;
static pid_t signerd;
static struct ocsp_responder responder;
static struct httpserver *proxy; /* behind which TLS ends */
static struct httpserver *plain; /* where nobody does that */
static _Atomic int64_t moment;
static struct clock clock_of_test;
static uid_t me;

static int64_t read_moment(const struct clock *clock)
{
    (void)clock;
    return moment;
}

static void start_signerd(void)
{
    char more[192];

    signer_site_make(&site, &pki, geteuid());
    signer_site_add_key(&site, "ocsp-sign", pki.keys[PROFILE_OCSP_SIGN]);
    signer_site_add_key(&site, "ocsp-auth", pki.keys[PROFILE_OCSP_AUTH]);
    (void)snprintf(more, sizeof more,
                   "[key ocsp-sign]\nrole = ocsp\nallow_uid = %u\n"
                   "[key ocsp-auth]\nrole = ocsp\nallow_uid = %u\n",
                   (unsigned)geteuid(), (unsigned)geteuid());
    signer_site_configure(&site, "64102", more);
    signerd = signer_site_start(&site, 1000);
}

/* Everything is confirmed now; the auth certificate may ask, unless nobody may. */
static void know(const struct event *events, size_t count, bool is_anybody_registered)
{
    CLEANUP(ocsp_state_done)
    struct ocsp_state state = {.issued = {ISSUED, ISSUED}, .confirmed_at = moment};
    CLEANUP(pending_done) struct pending pending = {.count = 0};

    for (size_t i = 0; i < count; i++)
        assert_int_equal(pending_add(&pending, &events[i], NULL), 0);
    assert_int_equal(overlay_apply(NULL, NULL, &pending, &state.recent[OCSP_CA_SIGN], NULL), 0);
    assert_int_equal(requesters_new(&state.requesters, NULL), 0);
    if (is_anybody_registered)
        assert_int_equal(requesters_add(state.requesters, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                        REQUESTER_UNCOUNTED, NULL),
                         0);
    ocsp_index_update(&responder.index, &state);
}

static int set_up(void **state)
{
    struct http_server_options options = {.routes = ocsp_proxy_routes,
                                          .context = &responder,
                                          .worker_open = ocsp_worker_open,
                                          .worker_close = ocsp_worker_close,
                                          .ready = ocsp_ready};

    (void)state;
    me = getuid();
    moment = TEST_PKI_NOW;
    clock_of_test = (struct clock){.now = read_moment};
    responder = (struct ocsp_responder){.clock = &clock_of_test,
                                        .signer = site.socket,
                                        .valid_s = VALID_S,
                                        .keep_s = KEEP_S,
                                        .proxies = &me,
                                        .proxy_count = 1};
    assert_int_equal(ocsp_index_init(&responder.index, NULL), 0);
    assert_int_equal(test_appoint_pki(&responder.index, &pki), 0);
    assert_int_equal(ocsp_cache_new(100, &responder.cache, NULL), 0);
    know(NULL, 0, true);
    proxy = httpserver_start(options);
    options.routes = ocsp_routes;
    plain = httpserver_start(options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    httpserver_done(&plain);
    httpserver_done(&proxy);
    ocsp_cache_freep(&responder.cache);
    ocsp_index_done(&responder.index);
    return 0;
}

static int set_up_site(void **state)
{
    (void)state;
    test_pki_make(&pki);
    start_signerd();
    return 0;
}

static int tear_down_site(void **state)
{
    (void)state;
    assert_int_equal(signer_site_stop(signerd, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

/* A question about a serial of the sign CA, unsigned unless who is given. */
struct asking {
    uint8_t serial; /* 0: 7 */
    const char *method;
    enum profile_kind shown; /* the TLS client's certificate; 0: see is_anonymous */
    bool is_anonymous, is_signed;
    struct bytes nonce;
    const char *field; /* a further line of the header, with CR LF */
};

static void append_client(const struct asking *asking, struct buf *request)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    const char *text;

    if (asking->is_anonymous)
        return;
    assert_int_equal(pem_append(&pem, "CERTIFICATE", x509_cert_der(pki.certs[asking->shown]), NULL),
                     0);
    assert_int_equal(buf_text(&pem, &text, NULL), 0);
    assert_int_equal(buf_append_text(request, OCSP_CLIENT_FIELD ": ", NULL), 0);
    assert_int_equal(fetch_escape(request, text, NULL), 0);
    assert_int_equal(buf_append_text(request, "\r\n", NULL), 0);
}

static struct httpanswer ask(const struct httpserver *server, const struct asking *asking)
{
    const struct bytes serial = bytes_of(
        asking->serial == 0 ? (const uint8_t *)"\x07" : &asking->serial, 1);
    const struct test_question question = {
        .serials = &serial, .count = 1, .nonce = asking->nonce, .is_unsigned = !asking->is_signed};
    bool is_post = asking->method == NULL || strcmp(asking->method, "POST") == 0;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf base64 = BUF_INIT;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *path;
    const char *text;
    int fd = httpclient_dial(server);
    struct httpanswer answer;

    test_question_make(&pki, &question, &der);
    assert_int_equal(buf_append_text(&base64, is_post ? "" : "/", NULL), 0);
    if (!is_post)
        assert_int_equal(base64_append(&base64, BASE64_PADDED, buf_bytes(&der), NULL), 0);
    assert_int_equal(buf_text(&base64, &path, NULL), 0);
    assert_int_equal(buf_append_format(&request, NULL, "%s /sign%s HTTP/1.1\r\nHost: a\r\n%s",
                                       is_post ? "POST" : asking->method, path,
                                       asking->field == NULL ? "" : asking->field),
                     0);
    append_client(asking, &request);
    if (is_post)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: application/ocsp-request\r\n"
                                           "Content-Length: %zu\r\n",
                                           der.len),
                         0);
    assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(buf_text(&request, &text, NULL), 0);
    httpclient_say(fd, text);
    if (is_post)
        assert_int_equal(send(fd, der.ptr, der.len, MSG_NOSIGNAL), (ssize_t)der.len);
    if (asking->method != NULL && strcmp(asking->method, "HEAD") == 0)
        (void)shutdown(fd, SHUT_WR); /* so that hearing a body that does not come ends */
    answer = httpclient_hear(fd);
    (void)close(fd);
    return answer;
}

static struct bytes body_of(const struct httpanswer *answer)
{
    const char *body = strstr(answer->text, "\r\n\r\n");

    assert_non_null(body);
    body += 4;
    return bytes_of(body, answer->len - (size_t)(body - answer->text));
}

/* What an OCSP answer says: its status, or OCSP_SUCCESSFUL and the rest. */
static struct ocsp_response hear(const struct httpanswer *answer)
{
    struct ocsp_response response;

    assert_int_equal(answer->status, 200);
    assert_int_equal(ocsp_response_parse(body_of(answer), &response, NULL), 0);
    return response;
}

static const struct asking known_asks = {.shown = PROFILE_AUTH};

static void assert_told(const struct asking *asking, enum ocsp_cert_status status, int64_t at)
{
    struct httpanswer answer = ask(proxy, asking);
    struct ocsp_response response = hear(&answer);
    struct digest digest;

    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_int_equal(response.singles[0].status, status);
    assert_int_equal(response.produced_at, at);
    assert_int_equal(digest_compute(DIGEST_SHA256, response.tbs, &digest, NULL), 0);
    assert_int_equal(pubkey_verify(x509_cert_pubkey(pki.certs[PROFILE_OCSP_SIGN]), &digest,
                                   response.signature.value, NULL),
                     0);
    assert_int_equal(response.signature.cert_count, 1);
}

static void assert_refused(const struct httpserver *server, const struct asking *asking,
                           enum ocsp_status status)
{
    struct httpanswer answer = ask(server, asking);

    assert_int_equal(hear(&answer).status, status);
}

static void who_shows_nothing_signs_and_strangers_learn_nothing(void **state)
{
    static const uid_t nobody = 64000;

    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW); /* kept from now on */
    assert_refused(proxy, &(struct asking){.is_anonymous = true}, OCSP_SIG_REQUIRED);
    assert_refused(proxy, &(struct asking){.shown = PROFILE_SIGN}, OCSP_UNAUTHORIZED);
    assert_told(&(struct asking){.shown = PROFILE_SIGN, .is_signed = true}, OCSP_GOOD,
                TEST_PKI_NOW);
    assert_told(&(struct asking){.is_anonymous = true, .is_signed = true}, OCSP_GOOD, TEST_PKI_NOW);
    /* Where there is no proxy, anybody can write that field. */
    assert_refused(plain, &known_asks, OCSP_SIG_REQUIRED);
    /* And on the proxy's socket nobody else is heard. */
    responder.proxies = &nobody;
    assert_int_equal(ask(proxy, &known_asks).status, 403);
    responder.proxies = &me;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
}

static void get_and_post_share_what_is_kept(void **state)
{
    struct httpanswer first = ask(proxy, &known_asks);
    struct httpanswer second;

    (void)state;
    moment = TEST_PKI_NOW + 5;
    second = ask(proxy, &(struct asking){.shown = PROFILE_AUTH, .method = "GET"});
    assert_int_equal(second.status, 200);
    assert_true(bytes_equal(body_of(&first), body_of(&second)));
    assert_int_equal(ocsp_cache_count(responder.cache), 1);
    /* The other CertID of the same certificate is another answer; one with a nonce none. */
    assert_told(&(struct asking){.shown = PROFILE_AUTH, .nonce = BYTES_LITERAL("nonce")}, OCSP_GOOD,
                TEST_PKI_NOW + 5);
    assert_int_equal(ocsp_cache_count(responder.cache), 1);
    assert_told(&(struct asking){.shown = PROFILE_AUTH, .serial = ISSUED + 1}, OCSP_UNKNOWN,
                TEST_PKI_NOW + 5);
    assert_int_equal(ocsp_cache_count(responder.cache), 1);
}

static void what_is_kept_follows_every_change(void **state)
{
    static const struct event hold = {TEST_PKI_NOW, 7, CRL_CERTIFICATE_HOLD, false, 0};
    static const struct event other = {TEST_PKI_NOW, 8, CRL_KEY_COMPROMISE, false, 0};

    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + 1;
    know(&other, 1, true); /* of another certificate: what is kept still holds */
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    know(&hold, 1, true);
    assert_told(&known_asks, OCSP_REVOKED, TEST_PKI_NOW + 1);
    moment = TEST_PKI_NOW + 2;
    assert_told(&known_asks, OCSP_REVOKED, TEST_PKI_NOW + 1);
    know(NULL, 0, true); /* released */
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW + 2);
}

static void what_is_kept_ends(void **state)
{
    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + KEEP_S - 1;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + KEEP_S;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW + KEEP_S);
    /* Cut off from the authority: to nextUpdate, and then later. */
    moment = TEST_PKI_NOW + VALID_S - 1;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW + VALID_S - 1);
    moment = TEST_PKI_NOW + VALID_S;
    assert_refused(proxy, &known_asks, OCSP_TRY_LATER);
    /* A clock that went back: an answer from the future is not given. */
    moment = TEST_PKI_NOW - 1;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW - 1);
}

/* Another certificate of the sign CA's responder, for the key of some kind. */
static void appoint(const char *name, enum profile_kind key, int64_t not_after)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_OCSP_SIGN);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    inputs.spki = test_pki_spki(&pki, key);
    inputs.serial = 77;
    inputs.not_after = not_after;
    test_pki_issue(&pki, PROFILE_OCSP_SIGN, &inputs, &cert);
    assert_int_equal(test_appoint(&responder.index,
                                  &(struct ocsp_appointment){
                                      OCSP_CA_SIGN, name, x509_cert_der(pki.certs[PROFILE_SIGN_CA]),
                                      x509_cert_der(cert)},
                                  1, NULL),
                     0);
}

/* The number of the certificate that comes with an answer. */
static uint64_t told_by(const struct asking *asking)
{
    struct httpanswer answer = ask(proxy, asking);
    struct ocsp_response response = hear(&answer);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    assert_int_equal(response.signature.cert_count, 1);
    assert_int_equal(x509_cert_parse(response.signature.certs[0], &cert, NULL), 0);
    return tbs_serial_number(x509_cert_tbs(cert));
}

static void what_is_kept_goes_on_under_a_new_certificate_of_its_key(void **state)
{
    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    assert_true(told_by(&known_asks) != 77);
    moment = TEST_PKI_NOW + 1;
    appoint("ocsp-sign", PROFILE_OCSP_SIGN, TEST_PKI_NOW + 1000);
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW); /* signed before, */
    assert_int_equal(told_by(&known_asks), 77);        /* and told with the new one */
}

static void what_another_key_has_signed_is_not_given(void **state)
{
    struct httpanswer answer;
    struct ocsp_response response;

    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + 1;
    appoint("ocsp-auth", PROFILE_OCSP_AUTH, TEST_PKI_NOW + 1000);
    answer = ask(proxy, &known_asks);
    response = hear(&answer);
    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_int_equal(response.produced_at, TEST_PKI_NOW + 1);
    assert_int_equal(told_by(&known_asks), 77);
}

static void what_is_kept_ends_with_the_certificate(void **state)
{
    (void)state;
    appoint("ocsp-sign", PROFILE_OCSP_SIGN, TEST_PKI_NOW + 10);
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + 9;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    moment = TEST_PKI_NOW + 10;
    assert_refused(proxy, &known_asks, OCSP_TRY_LATER);
    appoint("ocsp-sign", PROFILE_OCSP_SIGN, TEST_PKI_NOW + 1000);
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW + 10);
}

static void who_is_removed_gets_nothing_that_is_kept(void **state)
{
    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    know(NULL, 0, false);
    assert_refused(proxy, &known_asks, OCSP_UNAUTHORIZED);
}

static void what_is_kept_needs_no_signerd(void **state)
{
    (void)state;
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    responder.signer = "/nonexistent/signer.sock";
    httpserver_done(&proxy); /* and with it the workers that know the other one */
    proxy = httpserver_start((struct http_server_options){.routes = ocsp_proxy_routes,
                                                          .context = &responder,
                                                          .worker_open = ocsp_worker_open,
                                                          .worker_close = ocsp_worker_close});
    assert_told(&known_asks, OCSP_GOOD, TEST_PKI_NOW);
    assert_refused(proxy, &(struct asking){.shown = PROFILE_AUTH, .serial = 6}, OCSP_TRY_LATER);
}

static void assert_header(const struct httpanswer *answer, const char *line)
{
    if (strstr(answer->text, line) == NULL)
        fail_msg("no \"%s\" in: %s", line, answer->text);
}

/* RFC 5019, 6.2, but private. 2026-11-23 and so on: of TEST_PKI_NOW. */
static void the_header_says_how_long_and_for_whom(void **state)
{
    struct httpanswer answer = ask(proxy, &known_asks);
    char line[128];
    char date[HTTP_DATE_SIZE];

    (void)state;
    assert_header(&answer, "Cache-Control: max-age=0, private, no-transform, must-revalidate\r\n");
    assert_null(strstr(answer.text, "no-store"));
    http_date_format(TEST_PKI_NOW, date);
    (void)snprintf(line, sizeof line, "\r\nLast-Modified: %s\r\n", date);
    assert_header(&answer, line);
    http_date_format(TEST_PKI_NOW + VALID_S, date);
    (void)snprintf(line, sizeof line, "\r\nExpires: %s\r\n", date);
    assert_header(&answer, line);
    assert_header(&answer, "\r\nETag: \"");
    responder.refresh_s = 600;
    moment = TEST_PKI_NOW + 1;
    answer = ask(proxy, &known_asks);
    assert_header(&answer, "Cache-Control: max-age=899, private");
    responder.refresh_s = 0;
    answer = ask(proxy, &(struct asking){.shown = PROFILE_AUTH, .nonce = BYTES_LITERAL("n")});
    assert_header(&answer, "Cache-Control: no-store\r\n");
    answer = ask(proxy, &(struct asking){.is_anonymous = true});
    assert_header(&answer, "Cache-Control: no-store\r\n");
}

static void who_has_the_answer_is_told_so(void **state)
{
    struct httpanswer answer = ask(proxy, &known_asks);
    const char *etag = strstr(answer.text, "ETag: ") + strlen("ETag: ");
    char field[128];
    struct asking asking = {.shown = PROFILE_AUTH, .method = "GET", .field = field};

    (void)state;
    (void)snprintf(field, sizeof field, "If-None-Match: \"0\", %.42s\r\n", etag);
    answer = ask(proxy, &asking);
    assert_int_equal(answer.status, 304);
    assert_header(&answer, "\r\nETag: \"");
    assert_int_equal(body_of(&answer).len, 0);
    asking.method = "POST"; /* RFC 9110, 13.1.2: a condition of GET */
    assert_int_equal(ask(proxy, &asking).status, 200);
    asking.method = "GET";
    (void)snprintf(field, sizeof field, "If-None-Match: \"0\"\r\n");
    assert_int_equal(ask(proxy, &asking).status, 200);
    asking.method = "HEAD";
    answer = ask(proxy, &asking);
    assert_int_equal(answer.status, 200);
    assert_int_equal(body_of(&answer).len, 0);
    assert_true(answer.missing > 400); /* it says how long the body would be */
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static unsigned status_of_list(const char *name, enum profile_kind shown)
{
    const struct asking asking = {.shown = shown};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct httpanswer answer;
    const char *text;
    int fd = httpclient_dial(proxy);

    assert_int_equal(buf_append_format(&request, NULL, "GET /crl/%s HTTP/1.1\r\nHost: a\r\n", name),
                     0);
    append_client(&asking, &request);
    assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(buf_text(&request, &text, NULL), 0);
    httpclient_say(fd, text);
    answer = httpclient_hear(fd);
    (void)close(fd);
    return (unsigned)answer.status;
}

/* There are no lists here: who may have one learns that, and nobody else. */
static void lists_are_for_verifiers_of_that_kind(void **state)
{
    CLEANUP(ocsp_state_done)
    struct ocsp_state change = {.issued = {ISSUED, ISSUED}, .confirmed_at = moment};

    (void)state;
    assert_int_equal(requesters_new(&change.requesters, NULL), 0);
    assert_int_equal(requesters_new(&change.auth_requesters, NULL), 0);
    assert_int_equal(requesters_add(change.requesters, x509_cert_der(pki.certs[PROFILE_SIGN]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    assert_int_equal(requesters_add(change.auth_requesters, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    ocsp_index_update(&responder.index, &change);
    assert_int_equal(status_of_list("auth-full", PROFILE_SIGN), 403);
    assert_int_equal(status_of_list("sign-full", PROFILE_AUTH), 403);
    assert_int_equal(status_of_list("auth-full", PROFILE_AUTH), 404);
    assert_int_equal(status_of_list("sign-full", PROFILE_SIGN), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(who_shows_nothing_signs_and_strangers_learn_nothing),
        WITH_SERVER(get_and_post_share_what_is_kept),
        WITH_SERVER(what_is_kept_follows_every_change),
        WITH_SERVER(what_is_kept_ends),
        WITH_SERVER(what_is_kept_goes_on_under_a_new_certificate_of_its_key),
        WITH_SERVER(what_another_key_has_signed_is_not_given),
        WITH_SERVER(what_is_kept_ends_with_the_certificate),
        WITH_SERVER(who_is_removed_gets_nothing_that_is_kept),
        WITH_SERVER(what_is_kept_needs_no_signerd),
        WITH_SERVER(the_header_says_how_long_and_for_whom),
        WITH_SERVER(who_has_the_answer_is_told_so),
        WITH_SERVER(lists_are_for_verifiers_of_that_kind),
    };

    return cmocka_run_group_tests(tests, set_up_site, tear_down_site);
}
