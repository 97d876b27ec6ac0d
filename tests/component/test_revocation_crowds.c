/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority and OCSP responder, each with threads of its own and a signerd, while several people
 * ask for certificates, revoke, publish lists and ask about certificates at the same moment.
 */
#include "authority/crl/desk.h"
#include "authority/routes.h"
#include "base/base64.h"
#include "ocsp/responder.h"
#include "ocsp/sync.h"
#include "support/httpclient.h"
#include "support/ocsp_appoint.h"
#include "support/ocsp_question.h"
#include "support/signer_site.h"
#include "x509/csr.h"
#include "x509/name.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    CERTIFICATES = 8,
    REVOKED = 6, /* of them; the others stay good */
    FIRST = 3,   /* serial number of the first: behind the CA's and the responder's */
    ASKERS = 4,
    LISTS = 5,
    STALL_MS = 2000,
    POLL_MS = 5,
    TRIES = 2000,
};
/* 23:59:59 in Japan, as certificates end. */
enum { NOW = 1795445999 };
static const int64_t now = NOW;

static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};
static struct test_pki pki;
static struct signer_site site;
static pid_t signerd;
static struct clock clock_of_test;
static struct authority authority;
static struct ocsp_responder responder;
static struct httpserver *authority_server;
static struct httpserver *ocsp_server;
static struct feed *feed;
static struct sync *sync_thread;
static struct buf questions[CERTIFICATES]; /* GET requests about each */
static struct buf orders[CERTIFICATES];    /* requests for each certificate */
/* The same for several threads at once: buf_text() writes a NUL. */
static const char *question_texts[CERTIFICATES];
static const char *order_texts[CERTIFICATES];
static atomic_int revoked_so_far;

static void write_order(size_t i)
{
    static const struct name_row subject[] = {{OID_COMMON_NAME, DER_UTF8_STRING, "card"}};
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf csr = BUF_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct digest digest;
    const char *text;

    assert_int_equal(privkey_generate(2048, &key, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(name_build(subject, 1, &name, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&name), buf_bytes(&spki), &info, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(buf_bytes(&info), KEY_RSA, buf_bytes(&signature), &csr, NULL), 0);
    assert_int_equal(buf_append_format(&body, NULL,
                                       "{\"request_id\":\"r-%zu\",\"kind\":\"auth\",\"not_after\":"
                                       "%lld,\"prefecture\":\"Hyogo-ken\",\"window_id\":"
                                       "\"28100003A\",\"request\":\"",
                                       i, (long long)now + 86400LL * 365),
                     0);
    assert_int_equal(base64_append(&body, BASE64_PADDED, buf_bytes(&csr), NULL), 0);
    assert_int_equal(buf_append_text(&body, "\"}", NULL), 0);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    assert_int_equal(buf_append_format(&orders[i], NULL,
                                       HTTP_POST_OF("/v1/certificates") "Content-Length: %zu\r\n"
                                                                        "\r\n%s",
                                       body.len, text),
                     0);
    assert_int_equal(buf_text(&orders[i], &order_texts[i], NULL), 0);
}

static void start_signerd(void)
{
    char more[192];
    char me[16];

    signer_site_make(&site, &pki, geteuid());
    signer_site_add_key(&site, "ocsp-sign", pki.keys[PROFILE_OCSP_SIGN]);
    signer_site_add_key(&site, "ocsp-auth", pki.keys[PROFILE_OCSP_AUTH]);
    (void)snprintf(more, sizeof more,
                   "[key ocsp-sign]\nrole = ocsp\nallow_uid = %u\n"
                   "[key ocsp-auth]\nrole = ocsp\nallow_uid = %u\n",
                   (unsigned)geteuid(), (unsigned)geteuid());
    (void)snprintf(me, sizeof me, "%u", (unsigned)geteuid());
    signer_site_configure(&site, me, more);
    signerd = signer_site_start(&site, STALL_MS);
}

static const char *const responder_keys[] = {"ocsp-sign", "ocsp-auth"};
static struct record responder_records[CA_KINDS_];

static void have_certificate(enum ca_kind kind, struct signer *signer)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(signer_public(signer, responder_keys[kind], &spki, NULL), 0);
    const struct responder_request request = {.kind = kind, .spki = buf_bytes(&spki), .by = &by};
    responder_records[kind] = (struct record)RECORD_INIT;
    assert_int_equal(
        authority_issue_responder(&authority, signer, &request, &responder_records[kind], NULL), 0);
}

static void appoint(void)
{
    struct ocsp_appointment appointments[CA_KINDS_];

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        appointments[kind] = (struct ocsp_appointment){
            kind == CA_SIGN ? OCSP_CA_SIGN : OCSP_CA_AUTH, responder_keys[kind],
            x509_cert_der(authority_ca(&authority, (enum ca_kind)kind, 1)->certificate),
            buf_bytes(&responder_records[kind].certificate)};
    assert_int_equal(test_appoint(&responder.index, appointments, CA_KINDS_, NULL), 0);
}

static void start_authority(void)
{
    static uid_t me;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    char path[TEMPDIR_FILE_SIZE];
    bool is_new;

    me = getuid();
    authority = (struct authority){
        .clock = &clock_of_test,
        .signer = site.socket,
        .ocspd = {&me, 1},
        .operators = {&me, 1},
        .cas = {[CA_SIGN] = {.key = "sign-ca"}, [CA_AUTH] = {.key = "auth-ca"}}};
    assert_int_equal(
        authority_store_open(tempdir_file(&site.dir, "a.db", path), &authority.store, NULL), 0);
    assert_int_equal(signer_open(site.socket, &signer, NULL), 0);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        struct ca_setup setup = {(enum ca_kind)kind, authority.cas[kind].key, &by};
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(ca_init(authority.store, signer, &setup, &der, NULL), 0);
    }
    assert_int_equal(authority_load_cas(&authority, NULL), 0);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        have_certificate((enum ca_kind)kind, signer);
    assert_int_equal(authority_register_verifier(&authority, "verifier",
                                                 x509_cert_der(pki.certs[PROFILE_AUTH]), &by,
                                                 &is_new, NULL),
                     0);
    assert_int_equal(crl_desk_new(&authority, &authority.desk, NULL), 0);
    authority_server = httpserver_start(
        (struct http_server_options){.tables = authority_routes,
                                     .bell = authority_changes(authority.store),
                                     .context = &authority,
                                     .worker_open = signer_worker_open,
                                     .worker_close = signer_worker_close,
                                     .ready = authority_ready});
}

static void start_responder(void)
{
    struct sync_options options = {.clock = &clock_of_test, .interval_ms = POLL_MS};

    responder.clock = &clock_of_test;
    responder.signer = site.socket;
    responder.valid_s = 900;
    assert_int_equal(ocsp_index_init(&responder.index, NULL), 0);
    appoint();
    assert_int_equal(feed_new(authority_server->path, &responder.index, &feed, NULL), 0);
    options.feed = feed;
    assert_int_equal(sync_start(&options, &sync_thread, NULL), 0);
    ocsp_server = httpserver_start((struct http_server_options){.routes = ocsp_routes,
                                                                .context = &responder,
                                                                .worker_open = ocsp_worker_open,
                                                                .worker_close = ocsp_worker_close,
                                                                .ready = ocsp_ready});
}

static void write_question(size_t i)
{
    const uint8_t serial = (uint8_t)(FIRST + i);
    const struct bytes serials[] = {bytes_of(&serial, 1)};
    const struct test_question question = {
        .issuer = authority_ca(&authority, CA_AUTH, 1)->certificate,
        .alg = DIGEST_SHA256,
        .serials = serials,
        .count = 1,
        .nonce = BYTES_LITERAL("0123456789abcdef")};
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    test_question_make(&pki, &question, &der);
    assert_int_equal(buf_append_text(&questions[i], "GET /auth/", NULL), 0);
    assert_int_equal(base64_append(&questions[i], BASE64_PADDED, buf_bytes(&der), NULL), 0);
    assert_int_equal(buf_append_text(&questions[i], " HTTP/1.1\r\nHost: a\r\n\r\n", NULL), 0);
    assert_int_equal(buf_text(&questions[i], &question_texts[i], NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    clock_of_test = clock_fixed(now);
    test_pki_make(&pki);
    for (size_t i = 0; i < CERTIFICATES; i++)
        write_order(i);
    start_signerd();
    start_authority();
    start_responder();
    for (size_t i = 0; i < CERTIFICATES; i++)
        write_question(i);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (ocsp_server == NULL) /* the set-up failed */
        return -1;
    httpserver_done(&ocsp_server);
    sync_stopp(&sync_thread);
    httpserver_done(&authority_server);
    crl_desk_freep(&authority.desk);
    feed_freep(&feed);
    ocsp_index_done(&responder.index);
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        record_done(&responder_records[ca]);
    authority_unload_cas(&authority);
    authority_store_closep(&authority.store);
    assert_int_equal(signer_site_stop(signerd, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        buf_done(&orders[i]);
        buf_done(&questions[i]);
    }
    return 0;
}

/* A thread and what became of it; no assertion is made in threads. */
struct worker {
    pthread_t thread;
    size_t number;
    unsigned trouble;
};

static void *order(void *argument)
{
    struct worker *worker = argument;

    worker->trouble += httpclient_ask(authority_server, order_texts[worker->number]).status != 200;
    return NULL;
}

/* One question; the status of the certificate, or -1 while nothing is known. */
static int ask(size_t i)
{
    struct httpanswer answer = httpclient_ask(ocsp_server, question_texts[i]);
    const char *body = strstr(answer.text, "\r\n\r\n");
    struct ocsp_response response;

    if (answer.status != 200 || body == NULL)
        return -1;
    body += strlen("\r\n\r\n");
    if (ocsp_response_parse(bytes_of(body, answer.len - (size_t)(body - answer.text)), &response,
                            NULL) < 0 ||
        response.status != OCSP_SUCCESSFUL)
        return -1;
    return (int)response.singles[0].status;
}

static void *revoke_half(void *argument)
{
    struct worker *worker = argument;

    for (size_t i = worker->number; i < REVOKED; i += 2) {
        char body[128];
        char request[512];

        (void)snprintf(body, sizeof body,
                       "{\"request_id\":\"v-%zu\",\"kind\":\"auth\",\"serial\":%zu,"
                       "\"reason\":\"superseded\"}",
                       i, FIRST + i);
        (void)snprintf(request, sizeof request,
                       HTTP_POST_OF("/v1/revocations") "Content-Length: %zu\r\n\r\n%s",
                       strlen(body), body);
        worker->trouble += httpclient_ask(authority_server, request).status / 100 != 2;
        revoked_so_far++;
    }
    return NULL;
}

static void *publish(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < LISTS; i++)
        worker->trouble += httpclient_ask(authority_server, "POST /v1/crls HTTP/1.1\r\nHost: a\r\n"
                                                            "Content-Length: 0\r\n\r\n")
                               .status != 201;
    return NULL;
}

/* Until everything revoked is told to be so: what was revoked is never good again. */
static void *ask_about_all(void *argument)
{
    struct worker *worker = argument;
    bool was_revoked[CERTIFICATES] = {false};

    for (int tries = 0; tries < TRIES; tries++) {
        bool over = revoked_so_far == REVOKED;
        unsigned told = 0;

        for (size_t i = 0; i < CERTIFICATES; i++) {
            int status = ask(i);

            worker->trouble += status == OCSP_GOOD && was_revoked[i];
            worker->trouble += status == OCSP_REVOKED && i >= REVOKED;
            was_revoked[i] |= status == OCSP_REVOKED;
            told += status == OCSP_REVOKED;
        }
        if (over && told == REVOKED)
            return NULL;
    }
    worker->trouble++;
    return NULL;
}

static void start(struct worker *worker, size_t number, void *(*act)(void *))
{
    *worker = (struct worker){.number = number};
    assert_int_equal(pthread_create(&worker->thread, NULL, act, worker), 0);
}

static void join(struct worker *worker)
{
    assert_int_equal(pthread_join(worker->thread, NULL), 0);
    assert_int_equal(worker->trouble, 0);
}

/* Serial numbers without gaps, each once: all of them exist, and no further one. */
static void certificates_ordered_at_once_have_dense_numbers(void **state)
{
    struct worker workers[CERTIFICATES];

    (void)state;
    for (size_t i = 0; i < CERTIFICATES; i++)
        start(&workers[i], i, order);
    for (size_t i = 0; i < CERTIFICATES; i++)
        join(&workers[i]);
    for (uint32_t serial = FIRST; serial <= FIRST + CERTIFICATES; serial++) {
        CLEANUP(record_done) struct record record = RECORD_INIT;

        assert_int_equal(authority_get_record(authority.store, CA_AUTH, serial, &record, NULL),
                         serial < FIRST + CERTIFICATES ? 0 : -ERR_ABSENT);
    }
}

static void what_is_revoked_stays_so_whoever_asks_meanwhile(void **state)
{
    struct worker revokers[2];
    struct worker publisher;
    struct worker askers[ASKERS];

    (void)state;
    for (size_t i = 0; i < ASKERS; i++)
        start(&askers[i], i, ask_about_all);
    for (size_t i = 0; i < 2; i++)
        start(&revokers[i], i, revoke_half);
    start(&publisher, 0, publish);
    for (size_t i = 0; i < 2; i++)
        join(&revokers[i]);
    join(&publisher);
    for (size_t i = 0; i < ASKERS; i++)
        join(&askers[i]);
    assert_int_equal(ask(REVOKED), OCSP_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_ordered_at_once_have_dense_numbers),
        cmocka_unit_test(what_is_revoked_stays_so_whoever_asks_meanwhile),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
