/* SPDX-License-Identifier: Apache-2.0 */
/* A platform with its own threads, asked by several at the same moment: what may happen once does.
 */
#include "crypto/bound.h"
#include "platform/login/login.h"
#include "platform/routes.h"
#include "support/httpclient.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    THREADS = 8,
    LOGINS = 10,
    VERIFICATIONS = 10,
    GUESSES = 5,
    FLOOD = 100,
    MEETING_SECONDS = 20,
    BODY_SIZE = 6144
};

/*
 * Where workers wait for each other inside an act, after its first look at the login and before it
 * is noted: all of them come, or the time is over.
 */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int expected, there; /* expected 0: nobody waits */
};

static struct test_pki pki;
static struct privkey *token;
static struct platform_site site;
static struct httpserver *server;
static pthread_barrier_t all_ready;
static struct meeting meeting;

/* One client: what it asks, how often, and what it heard. */
struct client {
    pthread_t thread;
    char request[BODY_SIZE + 512];
    int times;
    int heard[600]; /* answers by status */
    unsigned said;  /* how many of them had the words */
    const char *words;
};

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    return pthread_barrier_init(&all_ready, NULL, THREADS);
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    privkey_freep(&token);
    return pthread_barrier_destroy(&all_ready);
}

/* A source of revocation that says good, once all who are expected ask it. */
static int meet(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    struct timespec end;

    (void)context;
    (void)question;
    (void)report;
    (void)err;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += MEETING_SECONDS;
    (void)pthread_mutex_lock(&meeting.lock);
    meeting.there++;
    (void)pthread_cond_broadcast(&meeting.changed);
    while (meeting.there < meeting.expected &&
           pthread_cond_timedwait(&meeting.changed, &meeting.lock, &end) == 0)
        ;
    (void)pthread_mutex_unlock(&meeting.lock);
    *ret = (struct status){.answer = STATUS_GOOD};
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token};
    platform_site_make(&site, &pki);
    site.status = (struct status_source){meet, NULL};
    meeting = (struct meeting){.lock = PTHREAD_MUTEX_INITIALIZER,
                               .changed = PTHREAD_COND_INITIALIZER};
    server = httpserver_start((struct http_server_options){.tables = platform_routes,
                                                           .context = &site.platform,
                                                           .worker_open = signer_worker_open,
                                                           .worker_close = signer_worker_close,
                                                           .ready = platform_ready,
                                                           .workers = THREADS});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    httpserver_done(&server);
    platform_site_done(&site);
    return 0;
}

/* Asks as often as it shall, at the same moment as the others. */
static void *run(void *argument)
{
    struct client *client = argument;

    (void)pthread_barrier_wait(&all_ready);
    for (int i = 0; i < client->times; i++) {
        struct httpanswer answer = httpclient_ask(server, client->request);

        client->heard[answer.status]++;
        client->said += client->words != NULL && strstr(answer.text, client->words) != NULL;
    }
    return NULL;
}

static void run_all(struct client clients[THREADS])
{
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&clients[i].thread, NULL, run, &clients[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
}

/* How many of all answers had this status. */
static int heard(const struct client clients[THREADS], int status)
{
    int count = 0;

    for (int i = 0; i < THREADS; i++)
        count += clients[i].heard[status];
    return count;
}

/* fields: more of them, each ended by CRLF. */
static void write_request_with(struct client *client, const char *path, const char *fields,
                               const struct json *body)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT;
    const char *text;

    assert_int_equal(json_write(body, &json, NULL), 0);
    assert_int_equal(buf_text(&json, &text, NULL), 0);
    assert_true(strlen(text) < BODY_SIZE);
    (void)snprintf(
        client->request, sizeof client->request,
        "POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n%s"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        path, PLATFORM_SITE_KEY, fields, strlen(text), text);
}

static void write_request(struct client *client, const char *path, const struct json *body)
{
    write_request_with(client, path, "", body);
}

/* "certificate" and "signature" of somebody's card. */
static void put_signed(struct json *body, enum profile_kind kind, const struct digest *digest)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const char *text;

    platform_site_encrypt(&site, pki.certs[kind], &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[kind], digest, &signature, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
}

static struct json *answer_body(const struct opened_login *opened, const char *key,
                                const char *text)
{
    const struct bound bound = {.origin = PLATFORM_SITE_ORIGIN,
                                .client_id = opened->tenant.client_id,
                                .session = opened->login.session,
                                .nonce = BYTES_ARRAY(opened->login.nonce),
                                .expires_at = opened->login.expires_at};
    struct json *body = json_object_new();
    struct digest digest;

    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    put_signed(body, PROFILE_AUTH, &digest);
    assert_int_equal(json_put_text(body, key, text, NULL), 0);
    return body;
}

static void path_of(const struct opened_login *opened, const char *act, char ret[80])
{
    (void)snprintf(ret, 80, "/v1/logins/%s/%s", opened->login.session, act);
}

/* Eight times the same answer at once, then eight openers: each counts once. */
static void race_for(const struct opened_login *opened)
{
    CLEANUP(json_freep) struct json *answer = answer_body(opened, "secret", opened->secret);
    CLEANUP(json_freep) struct json *secret = json_object_new();
    struct client answers[THREADS] = {0};
    struct client redeems[THREADS] = {0};
    char path[80];

    assert_int_equal(json_put_text(secret, "secret", opened->secret, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        answers[i].times = redeems[i].times = 1;
        path_of(opened, "answer", path);
        write_request(&answers[i], path, answer);
        path_of(opened, "redeem", path);
        write_request(&redeems[i], path, secret);
    }
    meeting.expected = THREADS;
    meeting.there = 0;
    run_all(answers);
    assert_int_equal(meeting.there, THREADS);
    assert_int_equal(heard(answers, 204), 1);
    assert_int_equal(heard(answers, 409), THREADS - 1);
    run_all(redeems);
    assert_int_equal(heard(redeems, 200), 1);
    assert_int_equal(heard(redeems, 404), THREADS - 1);
}

static void of_many_answers_and_openers_at_once_one_counts(void **state)
{
    (void)state;
    for (int i = 0; i < LOGINS; i++) {
        struct opened_login opened;

        assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), 0);
        race_for(&opened);
    }
}

/* Guessing from many sides is not faster: the third wrong code ends it for all of them. */
static void codes_guessed_at_once_are_counted_each(void **state)
{
    struct client clients[THREADS] = {0};
    struct client owner = {.times = 1};
    struct opened_login opened;
    unsigned wrong = 0;
    char path[80];

    (void)state;
    assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), 0);
    path_of(&opened, "answer", path);
    for (int i = 0; i < THREADS; i++) {
        CLEANUP(json_freep) struct json *body = answer_body(&opened, "code", "wrong");

        clients[i].times = GUESSES;
        clients[i].words = "this is not the code";
        write_request(&clients[i], path, body);
    }
    run_all(clients);
    assert_int_equal(heard(clients, 403), THREADS * GUESSES);
    for (int i = 0; i < THREADS; i++)
        wrong += clients[i].said;
    assert_int_equal(wrong, LOGIN_CODES_MAX);

    CLEANUP(json_freep) struct json *right = answer_body(&opened, "code", opened.login.code);
    write_request(&owner, path, right);
    assert_int_equal(httpclient_ask(server, owner.request).status, 403);
}

static struct json *verification_body(void)
{
    struct json *body = json_object_new();
    struct json *member = json_object_new();
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &digest, NULL), 0);
    assert_int_equal(json_put_text(member, "alg", "SHA-256", NULL), 0);
    assert_int_equal(json_put_base64(member, "value", digest_bytes(&digest), NULL), 0);
    assert_int_equal(json_put(body, "digest", member, NULL), 0);
    put_signed(body, PROFILE_SIGN, &digest);
    return body;
}

static void a_crowd_of_verifications_is_answered_one_by_one(void **state)
{
    CLEANUP(json_freep) struct json *body = verification_body();
    struct client clients[THREADS] = {0};

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        clients[i].times = VERIFICATIONS;
        clients[i].words = "\"valid\"";
        write_request(&clients[i], "/v1/verifications", body);
    }
    run_all(clients);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(clients[i].heard[201], VERIFICATIONS);
        assert_int_equal(clients[i].said, VERIFICATIONS);
    }
}

/* All are judged at the same moment; one is kept, and tells the attributes. */
static void of_many_requests_under_one_key_one_counts(void **state)
{
    CLEANUP(json_freep) struct json *body = verification_body();
    struct client clients[THREADS] = {0};
    unsigned told = 0;
    int64_t used;

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        clients[i].times = 1;
        clients[i].words = "\"attributes\"";
        write_request_with(&clients[i], "/v1/verifications", "Idempotency-Key: one\r\n", body);
    }
    meeting.expected = THREADS;
    run_all(clients);
    assert_int_equal(meeting.there, THREADS);
    assert_int_equal(heard(clients, 201), THREADS);
    for (int i = 0; i < THREADS; i++)
        told += clients[i].said;
    assert_int_equal(told, 1);
    assert_int_equal(platform_count_usage(site.platform.store, "bank", TEST_PKI_NOW, &used, NULL),
                     0);
    assert_int_equal(used, 1);
}

/* One tenant asks without a pause from seven sides; the other is answered all the same. */
static void a_flood_of_one_tenant_is_refused_and_the_other_is_served(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const struct tenant_rules rules = {.rate = 2};
    CLEANUP(json_freep) struct json *body = verification_body();
    struct client clients[THREADS] = {0};
    int flooded = 0;

    (void)state;
    assert_int_equal(platform_set_tenant_rules(site.platform.store, "bank", &rules, &by, NULL), 0);
    for (int i = 1; i < THREADS; i++) {
        clients[i].times = FLOOD;
        write_request(&clients[i], "/v1/verifications", body);
    }
    clients[0].times = FLOOD / 4;
    (void)snprintf(clients[0].request, sizeof clients[0].request,
                   "GET /v1/verifications HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                   "Authorization: Bearer the bearer key of the shop\r\n\r\n");
    run_all(clients);
    assert_int_equal(clients[0].heard[200], FLOOD / 4);
    for (int i = 1; i < THREADS; i++)
        flooded += clients[i].heard[429];
    assert_true(flooded > 0);
    assert_int_equal(flooded + heard(clients, 201), (THREADS - 1) * FLOOD);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(of_many_answers_and_openers_at_once_one_counts),
        WITH_SITE(codes_guessed_at_once_are_counted_each),
        WITH_SITE(a_crowd_of_verifications_is_answered_one_by_one),
        WITH_SITE(of_many_requests_under_one_key_one_counts),
        WITH_SITE(a_flood_of_one_tenant_is_refused_and_the_other_is_served),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
