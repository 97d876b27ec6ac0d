/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The responders with a signerd behind them, judged by `openssl ocsp`; and by crowds of people who
 * know no HTTP, no OCSP or no end.
 */
#include "base/base64.h"
#include "base/file.h"
#include "base/trace.h"
#include "fetch/fetch.h"
#include "http/engine.h"
#include "ocsp/responder.h"
#include "support/child.h"
#include "support/httpclient.h"
#include "support/ocsp_appoint.h"
#include "support/ocsp_question.h"
#include "support/responder.h"
#include "support/revocations.h"
#include "support/signer_site.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { CROWD = 100, ROUNDS = 25, ASKERS = 36, VALID_S = 900 };

static struct test_pki pki;
static struct signer_site site;
static pid_t signerd;
static struct ocsp_responder responder;
static struct http_server *server;
static struct httpserver *local; /* the same on a Unix socket */
static char url[64];

static const struct bytes seven = {(const uint8_t *)"\x07", 1};

static const char *file(const char *name)
{
    static char path[TEMPDIR_FILE_SIZE];

    return tempdir_file(&site.dir, name, path);
}

static void save_certificate(const char *name, enum profile_kind kind)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    assert_int_equal(x509_cert_append_pem(&pem, pki.certs[kind], NULL), 0);
    assert_int_equal(file_replace(file(name), 0600, buf_bytes(&pem), NULL), 0);
}

static void save_key(const char *name, enum profile_kind kind)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;

    assert_int_equal(privkey_export(pki.keys[kind], &der, NULL), 0);
    assert_int_equal(file_replace(file(name), 0600, secret_bytes(&der), NULL), 0);
}

/* Serial 8 of both CAs is revoked, 9 is the last one issued; the auth certificate may ask. */
static void know(int64_t confirmed_at)
{
    static const struct revocation entry = {8, TEST_PKI_NOW, CRL_AFFILIATION_CHANGED};
    CLEANUP(ocsp_state_done)
    struct ocsp_state state = {.issued = {9, 9}, .confirmed_at = confirmed_at};

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct test_revocations all = {&entry, 1, 0, 0};
        struct revocation_source source = test_revocations_source(&all);

        assert_int_equal(revocation_set_new(&source, &state.revoked[ca], NULL), 0);
    }
    assert_int_equal(requesters_new(&state.requesters, NULL), 0);
    assert_int_equal(requesters_add(state.requesters, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    ocsp_index_update(&responder.index, &state);
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

static _Atomic unsigned reports_remote, reports_other; /* of answers that could not be made */

/* By any thread. */
static void report(const struct err *failure)
{
    if (failure->kind == ERR_REMOTE)
        reports_remote++;
    else
        reports_other++;
}

static int set_up(void **state)
{
    struct http_server_options options = {.routes = ocsp_routes,
                                          .context = &responder,
                                          .worker_open = ocsp_worker_open,
                                          .worker_close = ocsp_worker_close,
                                          .ready = ocsp_ready,
                                          .queue = 2 * CROWD,
                                          .connections = 256,
                                          .head_ms = 2000,
                                          .body_ms = 300};
    uint16_t port;
    int fd;

    (void)state;
    test_pki_make(&pki);
    start_signerd();
    responder = (struct ocsp_responder){
        .clock = &clock_system, .signer = site.socket, .valid_s = VALID_S, .report = report};
    assert_int_equal(ocsp_index_init(&responder.index, NULL), 0);
    assert_int_equal(test_appoint_pki(&responder.index, &pki), 0);
    know(clock_now(&clock_system));
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    local = httpserver_start(options);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/sign", (unsigned)port);
    save_certificate("ca.pem", PROFILE_SIGN_CA);
    save_certificate("asker.pem", PROFILE_AUTH);
    save_certificate("stranger.pem", PROFILE_SIGN);
    save_key("asker.key", PROFILE_AUTH);
    save_key("stranger.key", PROFILE_SIGN);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_stopp(&server);
    httpserver_done(&local);
    ocsp_index_done(&responder.index);
    assert_int_equal(signer_site_stop(signerd, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

/* `openssl ocsp` about one serial, signed by who (NULL: by nobody); says must be in its output. */
static void judge(const char *serial, const char *who, const char *hash, const char *says)
{
    char ca[TEMPDIR_FILE_SIZE];
    char cert[TEMPDIR_FILE_SIZE];
    char key[TEMPDIR_FILE_SIZE];
    char name[32];
    const char *argv[] = {"openssl", "ocsp",    "-url",     url,       hash,   "-issuer",
                          ca,        "-CAfile", ca,         "-serial", serial, "-no_nonce",
                          NULL,      cert,      "-signkey", key,       NULL};
    struct child_result result;
    const char *out;
    const char *err;

    (void)tempdir_file(&site.dir, "ca.pem", ca);
    (void)snprintf(name, sizeof name, "%s.pem", who == NULL ? "asker" : who);
    (void)tempdir_file(&site.dir, name, cert);
    (void)snprintf(name, sizeof name, "%s.key", who == NULL ? "asker" : who);
    (void)tempdir_file(&site.dir, name, key);
    argv[12] = who == NULL ? NULL : "-signer";
    result = child_run(argv, bytes_of(NULL, 0), 20000);
    assert_int_equal(buf_text(&result.out, &out, NULL), 0);
    assert_int_equal(buf_text(&result.err, &err, NULL), 0);
    if (strstr(out, says) == NULL && strstr(err, says) == NULL)
        fail_msg("%s %s: %s%s", serial, who, out, err);
    if (strstr(out, serial) != NULL)
        assert_non_null(strstr(err, "Response verify OK"));
    child_result_done(&result);
}

static void openssl_is_refused_unsigned_and_as_a_stranger(void **state)
{
    (void)state;
    judge("7", NULL, "-sha1", "sigrequired (5)");
    judge("7", "stranger", "-sha1", "unauthorized (6)");
}

static void openssl_believes_what_it_is_told(void **state)
{
    static const char *const hashes[] = {"-sha1", "-sha256"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        judge("7", "asker", hashes[i], "7: good");
        judge("8", "asker", hashes[i], "8: revoked");
        judge("8", "asker", hashes[i], "Reason: affiliationChanged");
        judge("9", "asker", hashes[i], "9: good");
        judge("10", "asker", hashes[i], "10: unknown");
    }
}

static void what_is_stale_is_told_so(void **state)
{
    (void)state;
    know(clock_now(&clock_system) - VALID_S);
    judge("7", "asker", "-sha1", "trylater (3)");
    assert_int_equal(httpclient_ask(local, HTTP_GET_OF("/readyz")).status, 503);
    know(clock_now(&clock_system));
    judge("7", "asker", "-sha1", "7: good");
    assert_int_equal(httpclient_ask(local, HTTP_GET_OF("/readyz")).status, 200);
}

static void make_question(const struct x509_cert *issuer, struct buf *ret)
{
    const struct test_question question = {.issuer = issuer,
                                           .serials = &seven,
                                           .count = 1,
                                           .nonce = BYTES_LITERAL("0123456789abcdef")};

    test_question_make(&pki, &question, ret);
}

/* One GET below a path, in memory or over TCP; status of the OCSP answer. */
static enum ocsp_status get(const char *path)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.timeout_ms = 10000};
    struct ocsp_response answer;
    struct err err = {0};

    assert_int_equal(buf_append_format(&text, NULL, "%s/%s", url, path), 0);
    assert_int_equal(buf_text(&text, &request.url, NULL), 0);
    if (fetch(&request, &response, &err) < 0)
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(ocsp_response_parse(buf_bytes(&response.body), &answer, NULL), 0);
    if (answer.status == OCSP_SUCCESSFUL) {
        assert_true(bytes_equal(answer.nonce, BYTES_LITERAL("0123456789abcdef")));
        assert_int_equal(answer.singles[0].status, OCSP_GOOD);
    }
    return answer.status;
}

/* RFC 6960, A.1: base64, then escaped; many clients leave slashes as they are. */
static void get_takes_base64_with_and_without_escapes(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    const char *text;

    (void)state;
    make_question(NULL, &der);
    assert_int_equal(base64_append(&plain, BASE64_PADDED, buf_bytes(&der), NULL), 0);
    assert_int_equal(buf_text(&plain, &text, NULL), 0);
    assert_int_equal(get(text), OCSP_SUCCESSFUL);
    assert_int_equal(fetch_escape(&escaped, text, NULL), 0);
    assert_int_equal(buf_text(&escaped, &text, NULL), 0);
    assert_int_equal(get(text), OCSP_SUCCESSFUL);
    assert_int_equal(get("AAAA"), OCSP_MALFORMED_REQUEST);
    assert_int_equal(get("not-base64!"), OCSP_MALFORMED_REQUEST);
    assert_int_equal(get("AA//AA/"), OCSP_MALFORMED_REQUEST);
}

/* A good question to the responder of the CA ("sign", "auth"). */
static void ask_about(const char *name, const struct x509_cert *issuer)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *words;

    make_question(issuer, &der);
    assert_int_equal(base64_append(&text, BASE64_PADDED, buf_bytes(&der), NULL), 0);
    assert_int_equal(buf_text(&text, &words, NULL), 0);
    memcpy(strrchr(url, '/') + 1, name, 4);
    assert_int_equal(get(words), OCSP_SUCCESSFUL);
    memcpy(strrchr(url, '/') + 1, "sign", 4);
}

/* How often the trace has this step. */
static size_t steps_written(const char *flow, const char *step)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char wanted[64];
    const char *at;
    size_t count = 0;

    (void)snprintf(wanted, sizeof wanted, "\"flow\":\"%s\",\"step\":\"%s\"", flow, step);
    assert_int_equal(file_read(file("steps.jsonl"), 65536, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &at, NULL), 0);
    for (at = strstr(at, wanted); at != NULL; at = strstr(at + 1, wanted))
        count++;
    return count;
}

static void an_answer_is_a_step_and_a_refusal_is_none(void **state)
{
    (void)state;
    assert_int_equal(setenv("JPKI_TRACE", file("steps.jsonl"), 1), 0);
    assert_int_equal(trace_open("jpki-ocspd", NULL), 0);
    judge("7", NULL, "-sha1", "sigrequired (5)");
    judge("7", "stranger", "-sha1", "unauthorized (6)");
    assert_int_equal(get("AAAA"), OCSP_MALFORMED_REQUEST);
    assert_int_equal(steps_written("F2", "⑥") + steps_written("F3", "⑦"), 0);
    ask_about("sign", NULL);
    assert_int_equal(steps_written("F2", "⑥"), 1);
    ask_about("auth", pki.certs[PROFILE_AUTH_CA]);
    assert_int_equal(steps_written("F3", "⑦"), 1);
    assert_int_equal(steps_written("F2", "⑥"), 1);
    trace_close();
}

/* The HTTP status of a POST with a type and a body, in memory. */
static unsigned post(const char *type, struct bytes body)
{
    const struct http_server_options options = {.routes = ocsp_routes, .context = &responder};
    const struct http_peer peer = {.is_unix = false};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL,
                                       "POST /sign HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n"
                                       "Content-Length: %zu\r\n\r\n",
                                       type, body.len),
                     0);
    assert_int_equal(buf_append(&request, body, NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer, NULL), 0);
    text = (const char *)answer.ptr;
    assert_memory_equal(text, "HTTP/1.1 ", 9);
    return (unsigned)((text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0'));
}

static void a_body_has_its_type_and_size(void **state)
{
    static const uint8_t octets[OCSP_REQUEST_MAX + 1];

    (void)state;
    assert_int_equal(post("application/json", BYTES_LITERAL("{}")), 415);
    assert_int_equal(post("application/ocsp-requests", BYTES_LITERAL("x")), 415);
    assert_int_equal(post("application/ocsp-request; charset", BYTES_LITERAL("x")), 415);
    /* Parameters that nobody knows say nothing: RFC 9110, 8.3.1. */
    assert_int_equal(post("Application/OCSP-Request; charset=x", BYTES_LITERAL("x")), 200);
    assert_int_equal(post("application/ocsp-request", BYTES_ARRAY(octets)), 413);
    assert_int_equal(post("application/ocsp-request", bytes_of(octets, OCSP_REQUEST_MAX)), 200);
}

static int appoint(const struct x509_cert *certificate)
{
    const struct ocsp_appointment appointment = {OCSP_CA_SIGN, "ocsp-sign",
                                                 x509_cert_der(pki.certs[PROFILE_SIGN_CA]),
                                                 x509_cert_der(certificate)};
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *delegates = NULL;

    assert_int_equal(ocsp_delegates_new(&delegates, NULL), 0);
    return ocsp_delegates_add(delegates, &appointment, NULL);
}

static void a_certificate_that_may_not_answer_is_refused(void **state)
{
    static const enum responder_flaw flaws[] = {RESPONDER_GOOD, RESPONDER_WITHOUT_PURPOSE,
                                                RESPONDER_WITHOUT_NOCHECK, RESPONDER_THAT_IS_A_CA};

    (void)state;
    assert_int_equal(appoint(pki.certs[PROFILE_SIGN]), -ERR_UNTRUSTED);
    assert_int_equal(appoint(pki.certs[PROFILE_SIGN_CA]), -ERR_UNTRUSTED);
    assert_int_equal(appoint(pki.certs[PROFILE_OCSP_AUTH]), -ERR_UNTRUSTED);
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++) {
        CLEANUP(x509_cert_freep) struct x509_cert *flawed = NULL;

        test_responder_make(&pki, pki.keys[PROFILE_OCSP_SIGN], flaws[i], &flawed);
        assert_int_equal(appoint(flawed), flaws[i] == RESPONDER_GOOD ? 0 : -ERR_UNTRUSTED);
    }
}

/* Each of the crowd says something, then all of them do what end does. */
static void crowd(const char *says, void (*end)(int fd))
{
    int fds[CROWD];

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) {
            fds[i] = httpclient_dial(local);
            httpclient_say(fds[i], says);
        }
        for (int i = 0; i < CROWD; i++) {
            end(fds[i]);
            fd_done(&fds[i]);
        }
    }
    assert_int_equal(httpclient_ask(local, HTTP_GET_OF("/livez")).status, 200);
}

static void leave(int fd)
{
    (void)fd;
}

static void hear_200(int fd)
{
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(httpclient_hear(fd).status, 200);
}

static void hear_400(int fd)
{
    int status = httpclient_hear(fd).status;

    assert_true(status == 400 || status == 0);
}

static void wait_for_the_end(int fd)
{
    assert_true(httpclient_is_closed(fd));
}

#define POST_SIGN "POST /sign HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request\r\n"

/* Ten thousand that are empty, malformed, slow and half-closed; then it answers as before. */
static void crowds_leave_it_as_it_was(void **state)
{
    (void)state;
    crowd("", leave);
    crowd("\x30\x82\x01\x01 this is OCSP without HTTP\r\n\r\n", hear_400);
    crowd(POST_SIGN "Content-Length: 100\r\n\r\n0", wait_for_the_end);
    crowd(POST_SIGN "Content-Length: 4\r\n\r\nDER!", hear_200);
    judge("8", "asker", "-sha1", "8: revoked");
}

/* One of many who ask at once, each something else. */
struct asker {
    pthread_t thread;
    uint8_t nonce[16];
    struct buf question;
    enum ocsp_status status;           /* what the answer is to be */
    enum ocsp_cert_status certificate; /* and say */
    unsigned right;
};

static void check_right(struct asker *asker, struct bytes body)
{
    const struct x509_cert *by = pki.certs[PROFILE_OCSP_SIGN];
    struct ocsp_response answer;
    struct digest digest;

    if (ocsp_response_parse(body, &answer, NULL) < 0 || answer.status != asker->status)
        return;
    if (answer.status == OCSP_SUCCESSFUL &&
        (!bytes_equal(answer.nonce, BYTES_ARRAY(asker->nonce)) ||
         answer.singles[0].status != asker->certificate ||
         digest_compute(DIGEST_SHA256, answer.tbs, &digest, NULL) < 0 ||
         pubkey_verify(x509_cert_pubkey(by), &digest, answer.signature.value, NULL) < 0))
        return;
    asker->right++;
}

static void *ask_often(void *argument)
{
    struct asker *asker = argument;
    const struct fetch_content content = {"application/ocsp-request", buf_bytes(&asker->question)};
    const struct fetch_request request = {.url = url, .content = &content, .timeout_ms = 60000};

    for (unsigned i = 0; i < ROUNDS; i++) {
        CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;

        if (fetch(&request, &response, NULL) == 0)
            check_right(asker, buf_bytes(&response.body));
    }
    return NULL;
}

static void prepare_asker(struct asker *asker, unsigned number)
{
    static const enum ocsp_cert_status certificates[] = {OCSP_GOOD, OCSP_REVOKED, OCSP_GOOD,
                                                         OCSP_UNKNOWN};
    const uint8_t serial = (uint8_t)(7 + number % 4);
    const struct bytes serials = {&serial, 1};
    const bool is_stranger = number % 6 == 5;
    const struct test_question question = {
        .serials = &serials,
        .count = 1,
        .nonce = BYTES_ARRAY(asker->nonce),
        .is_unsigned = number % 6 == 4,
        .key = is_stranger ? pki.keys[PROFILE_SIGN] : NULL,
        .cert = is_stranger ? pki.certs[PROFILE_SIGN] : NULL,
    };

    memset(asker->nonce, (int)number + 1, sizeof asker->nonce);
    asker->status = question.is_unsigned ? OCSP_SIG_REQUIRED
                    : is_stranger        ? OCSP_UNAUTHORIZED
                                         : OCSP_SUCCESSFUL;
    asker->certificate = certificates[number % 4];
    if (number % 12 == 11) {
        asker->status = OCSP_MALFORMED_REQUEST;
        assert_int_equal(buf_append(&asker->question, BYTES_LITERAL("no question"), NULL), 0);
    } else {
        test_question_make(&pki, &question, &asker->question);
    }
}

/* They wait for workers, so they are handled together; nobody gets what is another's. */
static void each_of_many_gets_the_answer_to_its_own_question(void **state)
{
    static struct asker askers[ASKERS];

    (void)state;
    for (unsigned i = 0; i < ASKERS; i++)
        prepare_asker(&askers[i], i);
    for (unsigned i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]), 0);
    for (unsigned i = 0; i < ASKERS; i++) {
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
        assert_int_equal(askers[i].right, ROUNDS);
        buf_done(&askers[i].question);
    }
}

static void without_signerd_it_is_later(void **state)
{
    (void)state;
    assert_int_equal(signer_site_stop(signerd, SIGTERM), 0);
    assert_int_equal(reports_remote, 0);
    judge("7", "asker", "-sha1", "trylater (3)");
    judge("7", NULL, "-sha1", "sigrequired (5)");
    assert_int_equal(reports_remote, 1);
    assert_int_equal(reports_other, 0);
    signerd = signer_site_start(&site, 1000);
    judge("7", "asker", "-sha1", "7: good");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_is_refused_unsigned_and_as_a_stranger),
        cmocka_unit_test(openssl_believes_what_it_is_told),
        cmocka_unit_test(what_is_stale_is_told_so),
        cmocka_unit_test(get_takes_base64_with_and_without_escapes),
        cmocka_unit_test(an_answer_is_a_step_and_a_refusal_is_none),
        cmocka_unit_test(a_body_has_its_type_and_size),
        cmocka_unit_test(a_certificate_that_may_not_answer_is_refused),
        cmocka_unit_test(crowds_leave_it_as_it_was),
        cmocka_unit_test(each_of_many_gets_the_answer_to_its_own_question),
        cmocka_unit_test(without_signerd_it_is_later),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
