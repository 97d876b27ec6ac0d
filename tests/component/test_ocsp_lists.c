/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations on their way from an authority that says what it is told to. */
#include "ocsp/lists.h"

#include "base/fault.h"
#include "revocation/crl_write.h"
#include "support/httpclient.h"
#include "support/ocsp_appoint.h"
#include "support/pki.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LISTS = 2, PATIENCE_MS = 60000 };

/* What the authority has. */
static struct {
    const char *name, *kind;
    int64_t number;
    struct buf der;
} served[LISTS];

static struct test_pki pki;
static struct httpserver *server;
static struct ocsp_index cas; /* whose lists they are */
static struct lists *lists;
static struct clock at;

static _Atomic(const char *) instead; /* what is answered in place of all lists; NULL: they are */

static int get_lists(struct http_call *call, struct err *err)
{
    const char *said = instead;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    bool any = false;

    if (said != NULL)
        return http_reply_bytes(&call->response, 200, "application/json", bytes_text(said), err);
    TRY(buf_append_text(&text, "{\"crls\":[", err));
    for (size_t i = 0; i < LISTS; i++) {
        if (served[i].name == NULL)
            continue;
        TRY(buf_append_format(&text, err, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"number\":%lld}",
                              any ? "," : "", served[i].name, served[i].kind,
                              (long long)served[i].number));
        any = true;
    }
    TRY(buf_append_text(&text, "]}", err));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static int get_list(struct http_call *call, struct err *err)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (served[i].name != NULL &&
            strcmp(served[i].name, http_param(&call->request, "name")) == 0)
            return http_reply_bytes(&call->response, 200, "application/pkix-crl",
                                    buf_bytes(&served[i].der), err);
    }
    return FAIL(err, ERR_ABSENT, "there is no such list");
}

static const struct http_answer json_answers[] = {{200, "all", .type = "application/json"}, {0}};
static const struct http_answer crl_answers[] = {{200, "one", .type = "application/pkix-crl"}, {0}};
static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/crls",
     .access = &http_anyone,
     .handle = get_lists,
     .operation = "listCrls",
     .summary = "All",
     .answers = json_answers},
    {.method = HTTP_GET,
     .path = "/v1/crls/:name",
     .access = &http_anyone,
     .handle = get_list,
     .operation = "getCrl",
     .summary = "One",
     .answers = crl_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

/* A list of the sign CA, signed by a key. */
static void make(uint64_t number, int64_t this_update, enum profile_kind key, struct buf *ret)
{
    static const struct revocation entries[] = {{7, TEST_PKI_NOW - 60, CRL_SUPERSEDED}};
    struct test_revocations all = {.entries = entries, .count = 1};
    const struct revocation_source source = test_revocations_source(&all);
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = number,
                                  .this_update = this_update,
                                  .next_update = this_update + 86400,
                                  .scope = CRL_SCOPE_ALL};
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(ret);
    struct digest digest;

    buf_clear(ret);
    assert_int_equal(crl_write_tbs(&head, &source, &to_tbs, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[key], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, NULL), 0);
}

static void offer(size_t i, const char *name, int64_t number)
{
    served[i].name = name;
    served[i].kind = "sign";
    served[i].number = number;
    make((uint64_t)number, TEST_PKI_NOW - 10, PROFILE_SIGN_CA, &served[i].der);
}

/* How often the thread told of a failure. */
static _Atomic int told;

static void count_told(const struct err *failure)
{
    assert_true(failure->kind != ERR_NONE && failure->text[0] != '\0');
    told++;
}

static int set_up(void **state)
{
    struct lists_options options = {.index = &cas, .clock = &at, .report = count_told};

    (void)state;
    assert_int_equal(ocsp_index_init(&cas, NULL), 0);
    assert_int_equal(test_appoint_pki(&cas, &pki), 0);
    at = clock_fixed(TEST_PKI_NOW);
    server = httpserver_start((struct http_server_options){.routes = routes, .workers = 1});
    options.socket = server->path;
    offer(0, "sign-a", 5);
    served[1].name = NULL;
    told = 0;
    instead = NULL;
    return lists_new(&options, &lists, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    lists_freep(&lists);
    ocsp_index_done(&cas);
    httpserver_done(&server);
    for (size_t i = 0; i < LISTS; i++)
        buf_done(&served[i].der);
    return 0;
}

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int unmake_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* NULL: there is none. */
static void assert_held(const char *name, const struct buf *der)
{
    char etag[LIST_ETAG_SIZE];
    struct bytes held;
    int rc = lists_hold(lists, name, &held, etag, NULL);

    assert_int_equal(rc, der == NULL ? -ERR_ABSENT : 0);
    if (rc < 0)
        return;
    assert_true(bytes_equal(held, buf_bytes(der)));
    assert_int_equal(strlen(etag), 42);
    lists_release(lists);
}

static void what_is_no_list_of_its_ca_is_not_taken(void **state)
{
    struct err err = {0};

    (void)state;
    make(5, TEST_PKI_NOW - 10, PROFILE_AUTH_CA, &served[0].der); /* by another key */
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    make(4, TEST_PKI_NOW - 10, PROFILE_SIGN_CA, &served[0].der); /* an older one */
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    make(5, TEST_PKI_NOW + 1, PROFILE_SIGN_CA, &served[0].der);
    assert_int_equal(lists_poll(lists, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "sign-a is not taken: a list from the future");
    assert_int_equal(fault_count(FAULT_LIST_REFUSED), 3);
    make(5, TEST_PKI_NOW, PROFILE_SIGN_CA, &served[0].der);
    served[0].kind = "auth"; /* of the other CA */
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    served[0].kind = "both";
    assert_int_equal(lists_poll(lists, NULL), -ERR_INPUT);
    served[0].kind = "sign";
    served[0].der.len--;
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    served[0].der.len++;
    assert_held("sign-a", NULL);
    assert_int_equal(lists_poll(lists, NULL), 0);
    assert_held("sign-a", &served[0].der);
}

static void a_newer_list_takes_the_place_and_an_older_does_not(void **state)
{
    CLEANUP(buf_done) struct buf fifth = BUF_INIT;

    (void)state;
    assert_int_equal(lists_poll(lists, NULL), 0);
    assert_int_equal(buf_copy(buf_bytes(&served[0].der), &fifth, NULL), 0);
    offer(0, "sign-a", 4);
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    assert_held("sign-a", &fifth);
    offer(0, "sign-a", 6);
    assert_int_equal(lists_poll(lists, NULL), 0);
    assert_held("sign-a", &served[0].der);
}

/* Published between the two questions: nobody's fault, and there is nothing to tell. */
static void a_list_that_is_newer_than_it_was_offered_is_taken(void **state)
{
    uint64_t refused = fault_count(FAULT_LIST_REFUSED);

    (void)state;
    make(6, TEST_PKI_NOW - 5, PROFILE_SIGN_CA, &served[0].der);
    assert_int_equal(lists_poll(lists, NULL), 0);
    assert_held("sign-a", &served[0].der);
    served[0].number = 6;
    served[0].der.len = 0; /* it is not fetched again */
    assert_int_equal(lists_poll(lists, NULL), 0);
    offer(0, "sign-a", 5);
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    assert_int_equal(fault_count(FAULT_LIST_REFUSED), refused + 1);
}

static void one_that_fails_keeps_no_other_back_and_none_goes(void **state)
{
    (void)state;
    offer(1, "sign-b", 6);
    make(5, TEST_PKI_NOW - 10, PROFILE_AUTH_CA, &served[0].der);
    assert_int_equal(lists_poll(lists, NULL), -ERR_UNTRUSTED);
    assert_held("sign-a", NULL);
    assert_held("sign-b", &served[1].der);
    served[1].name = NULL; /* the authority has forgotten it */
    offer(0, "sign-a", 7);
    assert_int_equal(lists_poll(lists, NULL), 0);
    assert_held("sign-a", &served[0].der);
    assert_held("sign-b", &served[1].der);
}

static void a_thread_fetches_what_is_new(void **state)
{
    struct bytes held;
    char etag[LIST_ETAG_SIZE];
    int64_t end = monotonic_ms() + PATIENCE_MS;
    int rc;

    (void)state;
    assert_int_equal(lists_start(lists, NULL), 0);
    while ((rc = lists_hold(lists, "sign-a", &held, etag, NULL)) < 0 && monotonic_ms() < end)
        continue;
    assert_int_equal(rc, 0);
    lists_release(lists);
    lists_stop(lists);
}

static void wait_until_told(int times)
{
    const int64_t end = monotonic_ms() + PATIENCE_MS;

    while (told < times && monotonic_ms() < end)
        (void)usleep(1000);
    assert_int_equal(told, times);
}

static void wait_until_held(const char *name)
{
    const int64_t end = monotonic_ms() + PATIENCE_MS;
    struct bytes held;
    char etag[LIST_ETAG_SIZE];
    int rc;

    while ((rc = lists_hold(lists, name, &held, etag, NULL)) < 0 && monotonic_ms() < end)
        (void)usleep(1000);
    assert_int_equal(rc, 0);
    lists_release(lists);
}

static void a_failure_is_told_once_until_it_works_or_is_another(void **state)
{
    static const char unnamed[] = "{\"crls\":[{}]}";

    (void)state;
    instead = unnamed;
    assert_int_equal(lists_start(lists, NULL), 0);
    wait_until_told(1);
    instead = "{\"lists\":[]}"; /* another reason, without a time between when it worked */
    wait_until_told(2);
    instead = NULL;
    wait_until_held("sign-a");
    (void)usleep(50000); /* several questions, all of which work */
    instead = unnamed;
    wait_until_told(3);
    (void)usleep(50000);
    lists_stop(lists);
    assert_int_equal(told, 3);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(what_is_no_list_of_its_ca_is_not_taken),
        WITH_SERVER(a_newer_list_takes_the_place_and_an_older_does_not),
        WITH_SERVER(a_list_that_is_newer_than_it_was_offered_is_taken),
        WITH_SERVER(one_that_fails_keeps_no_other_back_and_none_goes),
        WITH_SERVER(a_thread_fetches_what_is_new),
        WITH_SERVER(a_failure_is_told_once_until_it_works_or_is_another),
    };

    return cmocka_run_group_tests(tests, make_pki, unmake_pki);
}
