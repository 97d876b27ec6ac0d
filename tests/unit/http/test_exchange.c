/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked in the worker: who asks, the query, the body; and what a handler's end means. */
#include "support/failalloc.h"
#include "support/httpsite.h"
#include "support/loopback.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GET(path) BYTES_LITERAL("GET " path " HTTP/1.1\r\nHost: a\r\n\r\n")

static void other_peers_do_not_get_in(void **state)
{
    CLEANUP(loopback_answer_done)
    struct loopback_answer other = loopback_ask(GET("/v1/private"), 1001);
    CLEANUP(loopback_answer_done)
    struct loopback_answer listed = loopback_ask(GET("/v1/private"), 1000);

    (void)state;
    assert_int_equal(other.status, 403);
    assert_non_null(strstr((const char *)other.text.ptr, "user id 1001"));
    assert_int_equal(listed.status, 200);
}

static void nobody_is_listed_on_tcp(void **state)
{
    static const uid_t listed = 0;
    const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {
        .routes = httpsite_routes, .uids = &listed, .uid_count = 1};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(http_loopback(&options, &peer, GET("/v1/private"), &answer, NULL), 0);
    assert_memory_equal(answer.ptr, "HTTP/1.1 403", 12);
}

static void other_query_parameters_are_refused(void **state)
{
    CLEANUP(loopback_answer_done)
    struct loopback_answer answer = loopback_ask(GET("/v1/things/7?verbose=a%20b"), 0);

    (void)state;
    assert_int_equal(loopback_status(GET("/v1/things/7?verbos=1")), 400);
    assert_int_equal(loopback_status(GET("/v1/things/7?verbose=1&x")), 400);
    assert_int_equal(loopback_status(GET("/v1/things/7?verbose=1&verbose=1")), 400);
    assert_int_equal(loopback_status(GET("/v1/trace?verbose=1")), 400);
    assert_int_equal(loopback_status(GET("/v1/things/7?page=1")), 200);
    assert_non_null(strstr((const char *)answer.text.ptr, "{\"id\":\"7\",\"verbose\":\"a b\"}"));
}

static void a_query_parameter_that_is_needed_is_missed(void **state)
{
    static const struct http_member needed[] = {{"since", HTTP_INT, HTTP_REQUIRED, "a number"},
                                                {NULL}};
    const struct http_peer peer = {.is_unix = false};
    struct route table[] = {httpsite_routes[1], {.path = NULL}};
    const struct http_server_options options = {.routes = table};

    (void)state;
    table[0].query = needed;
    for (unsigned with = 0; with < 2; with++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        struct bytes request = with ? GET("/v1/things/first?since=1") : GET("/v1/things/first");

        assert_int_equal(http_loopback(&options, &peer, request, &answer, NULL), 0);
        assert_memory_equal(answer.ptr, with ? "HTTP/1.1 200" : "HTTP/1.1 400", 12);
    }
}

static unsigned known_codes; /* that the handler was called with */

static int know_code(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const char *code;

    known_codes++;
    TRY(json_get_text(call->request.json, "code", &code, err));
    /* An answer in another form, for one that is in its own. */
    TRY(json_put_text(body, "code", strcmp(code, "000000") == 0 ? "none" : code, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_member code_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as it was sent", .form = &code_form}, {NULL}};
static const struct http_answer known[] = {{200, "it is known", code_members}, {0}};
static const struct route code_rows[] = {{.method = HTTP_POST,
                                          .path = "/code",
                                          .access = &http_anyone,
                                          .body = code_members,
                                          .handle = know_code,
                                          .operation = "knowCode",
                                          .summary = "Know a code",
                                          .answers = known},
                                         {.path = NULL}};

static int send_code(const char *code, struct buf *ret, struct err *err)
{
    const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.routes = code_rows};
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    assert_int_equal(buf_append_format(&request, NULL,
                                       "POST /code HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n"
                                       "Content-Type: application/json\r\n\r\n{\"code\":\"%s\"}",
                                       strlen(code) + strlen("{\"code\":\"\"}"), code),
                     0);
    return http_loopback(&options, &peer, buf_bytes(&request), ret, err);
}

static void assert_code(const char *code, const char *start, const char *part)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(send_code(code, &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    if (strncmp(text, start, strlen(start)) != 0 || strstr(text, part) == NULL)
        fail_msg("%s", text);
}

static void what_is_not_in_its_form_reaches_no_handler(void **state)
{
    (void)state;
    known_codes = 0;
    assert_code("12345", "HTTP/1.1 400", "member \\\"code\\\" is not in its form: six digits");
    assert_code("", "HTTP/1.1 400", "six digits");
    assert_code("1234567", "HTTP/1.1 400", "six digits");
    assert_int_equal(known_codes, 0);
    assert_code("123456", "HTTP/1.1 200", "{\"code\":\"123456\"}");
    assert_int_equal(known_codes, 1);
}

/* In service it would be sent: http_answer_check_forms. */
static void tests_hold_answers_against_their_forms(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(send_code("000000", &answer, &err), -ERR_USAGE);
    assert_non_null(strstr(err.text, "member \"code\" is not in its form: six digits"));
}

/* Two calls are let through, the third is one too many. */
static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    static int64_t left = 2;

    (void)call;
    *ret = (struct http_allowance){.is_there = true, .is_over = left == 0, .limit = 2};
    if (ret->is_over) {
        ret->wait_s = 9;
        return FAIL(err, ERR_REMOTE, "that was one too many");
    }
    ret->remaining = --left;
    return 0;
}

static void whoever_calls_too_often_is_told_when_to_come_again(void **state)
{
    const struct http_access counted = {http_anyone.name, http_anyone.check, http_anyone.meaning,
                                        .charge = charge};
    const struct http_peer peer = {.is_unix = false};
    struct route table[] = {httpsite_routes[1], {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    static const char *const expected[] = {"RateLimit: \"second\";r=1;t=0\r\n",
                                           "RateLimit: \"second\";r=0;t=0\r\n",
                                           "RateLimit: \"second\";r=0;t=9\r\n"};

    (void)state;
    table[0].access = &counted;
    for (unsigned i = 0; i < 3; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        const char *text;

        assert_int_equal(http_loopback(&options, &peer, GET("/v1/things/first"), &answer, NULL), 0);
        assert_int_equal(buf_text(&answer, &text, NULL), 0);
        assert_memory_equal(text, i == 2 ? "HTTP/1.1 429" : "HTTP/1.1 200", 12);
        assert_non_null(strstr(text, "RateLimit-Policy: \"second\";q=2;w=1\r\n"));
        assert_non_null(strstr(text, expected[i]));
        assert_int_equal(strstr(text, "Retry-After: 9\r\n") != NULL, i == 2);
        assert_int_equal(strstr(text, "one too many") != NULL, i == 2);
    }
    /* What nothing is taken from says nothing of it. */
    CLEANUP(loopback_answer_done)
    struct loopback_answer free = loopback_ask(GET("/v1/things/first"), 0);
    assert_null(strstr((const char *)free.text.ptr, "RateLimit"));
}

/* Goes where the query says, or refuses in its own way. */
static int go(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    if (call->request.method == HTTP_POST) {
        body = json_object_new();
        TRY(json_put_text(body, "error", "invalid_request", err));
        return http_reply_json(&call->response, 400, json_steal(&body), err);
    }
    TRY(buf_append_text(&address, "https://a.example/?", err));
    TRY(buf_append(&address, call->request.raw_query, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

static const struct http_member refused_members[] = {{"error", HTTP_TEXT, HTTP_REQUIRED, "why"},
                                                     {NULL}};
static const struct http_answer gone[] = {
    {303, "it is there"}, {400, "refused", refused_members}, {0}};
static const struct route foreign_rows[] = {{.method = HTTP_GET,
                                             .path = "/go",
                                             .access = &http_anyone,
                                             .handle = go,
                                             .operation = "go",
                                             .summary = "Go",
                                             .answers = gone,
                                             .is_foreign = true},
                                            {.method = HTTP_POST,
                                             .path = "/go",
                                             .access = &http_anyone,
                                             .handle = go,
                                             .operation = "ask",
                                             .summary = "Ask",
                                             .answers = gone,
                                             .is_foreign = true,
                                             .body_type = "application/x-www-form-urlencoded"},
                                            {.path = NULL}};

static void assert_foreign(struct bytes request, const char *start, const char *part)
{
    const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.routes = foreign_rows};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(http_loopback(&options, &peer, request, &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    assert_memory_equal(text, start, strlen(start));
    assert_non_null(strstr(text, part));
}

static void a_foreign_row_judges_its_query_and_has_answers_of_its_own(void **state)
{
    (void)state;
    assert_foreign(GET("/go?a=1&a=2&%zz"), "HTTP/1.1 303",
                   "\r\nLocation: https://a.example/?a=1&a=2&%zz\r\n");
    assert_foreign(
        BYTES_LITERAL("POST /go HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Type: "
                      "application/x-www-form-urlencoded; charset=UTF-8\r\n\r\n"),
        "HTTP/1.1 400", "{\"error\":\"invalid_request\"}");
    assert_foreign(
        BYTES_LITERAL("POST /go HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Type: "
                      "application/x-www-form-urlencoded; charset=x\r\n\r\n"),
        "HTTP/1.1 415", "unsupported media type");
}

static void redirects_are_for_foreign_rows(void **state)
{
    const struct http_peer peer = {.is_unix = false};
    struct route table[] = {foreign_rows[0], {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    table[0].is_foreign = false;
    assert_int_equal(http_loopback(&options, &peer, GET("/go"), &answer, NULL), -ERR_USAGE);
}

static void assert_tail(struct bytes request, const char *json)
{
    CLEANUP(loopback_answer_done) struct loopback_answer answer = loopback_ask(request, 0);

    assert_int_equal(answer.status, 200);
    assert_non_null(strstr((const char *)answer.text.ptr, json));
}

static void a_tail_catches_whatever_comes_and_nothing_malformed(void **state)
{
    (void)state;
    assert_int_equal(loopback_status(GET("/v1/tail")), 404);
    assert_int_equal(loopback_status(GET("/v1/tail/")), 404);
    assert_int_equal(loopback_status(GET("/v1/tail/?verbose=1")), 404);
    assert_int_equal(loopback_status(GET("/v1/tail/a%2")), 400);
    assert_int_equal(loopback_status(GET("/v1/tail/a%00")), 400);
    assert_int_equal(loopback_status(GET("/v1/tail/a%ff")), 400);
    assert_int_equal(loopback_status(GET("/v1/tail/a#b")), 400);
    assert_int_equal(loopback_status(GET("/v1/tai%6c/a%2fb")), 400);
    assert_int_equal(
        loopback_status(BYTES_LITERAL("POST /v1/tail/a/b HTTP/1.1\r\nHost: a\r\n\r\n")), 405);
    assert_tail(GET("/v1/tail/a"), "{\"rest\":\"a\",");
    assert_tail(GET("/v1/tail/a/b//c/../"), "{\"rest\":\"a/b//c/../\",");
    assert_tail(GET("/v1/tail/%2Fa%2fb+c%3D=?verbose=1"),
                "{\"rest\":\"/a/b+c==\",\"verbose\":\"1\"}");
    assert_tail(GET("/v1/tail/%252F"), "{\"rest\":\"%2F\",");
}

static void a_raw_body_arrives_as_it_was_sent(void **state)
{
    CLEANUP(loopback_answer_done)
    struct loopback_answer answer = loopback_ask(
        BYTES_LITERAL("POST /v1/raw HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-raw\r\n"
                      "Content-Length: 4\r\n\r\n\x01{\r\xff"),
        0);

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr((const char *)answer.text.ptr, "Content-Type: application/x-raw\r\n"));
    assert_non_null(strstr((const char *)answer.text.ptr, "\r\n\r\n\x01{\r\xff"));
}

static unsigned status_of_json(const char *body)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    assert_int_equal(buf_append_format(
                         &request, NULL,
                         "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         strlen(body), body),
                     0);
    return loopback_status(buf_bytes(&request));
}

static void other_bodies_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "x",
        "[]",
        "null",
        "\"name\"",
        "{}",
        "{\"name\":null}",
        "{\"name\":1}",
        "{\"name\":\"a\"}x",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\",\"other\":1}",
        "{\"name\":\"a\",\"count\":\"1\"}",
        "{\"name\":\"a\",\"count\":1.5}",
        "{\"name\":\"a\",\"count\":null}",
        "{\"name\":\"a\",\"count\":99999999999999999999}",
        "{\"name\":\"a\",\"is_new\":1}",
        "{\"name\":\"a\",\"parts\":{}}",
        "{\"name\":\"a\",\"more\":[]}",
        "{\"name\":\"a\",\"more\":{\"other\":1}}",
        "{\"name\":\"a\",\"more\":{\"colour\":\"green\"}}",
        "{\"name\":\"a\",\"parts\":[{}]}",
        "{\"name\":\"\\u0000\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\xff\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (status_of_json(bodies[i]) != 400)
            fail_msg("accepted: %s", bodies[i]);
    }
    assert_int_equal(status_of_json("{\"name\":\"\"}"), 201);
    assert_int_equal(
        status_of_json("{\"name\":\"a\",\"count\":-1,\"is_new\":true,\"parts\":[],\"more\":{}}"),
        201);
}

static void the_path_is_told_with_405(void **state)
{
    CLEANUP(loopback_answer_done)
    struct loopback_answer answer = loopback_ask(
        BYTES_LITERAL("PATCH /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"), 0);

    (void)state;
    assert_int_equal(answer.status, 405);
    assert_non_null(strstr((const char *)answer.text.ptr, "\r\nAllow: GET, HEAD, PUT, DELETE\r\n"));
}

static struct loopback_answer fail_with(const char *kind)
{
    char request[200];

    (void)snprintf(request, sizeof request,
                   "POST /v1/failures/%s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                   "Content-Length: 2\r\n\r\n{}",
                   kind);
    return loopback_ask(bytes_text(request), 0);
}

static void a_failure_of_ours_is_for_the_log_only(void **state)
{
    static const char *const kinds[] = {"system", "nomem", "usage"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        CLEANUP(loopback_answer_done) struct loopback_answer answer = fail_with(kinds[i]);

        assert_true(answer.status >= 500);
        assert_null(strstr((const char *)answer.text.ptr, "sentence"));
        assert_string_equal(loopback_failure().text, "the sentence of the failure");
        assert_int_equal(loopback_failure().detail, EIO);
    }
}

static void a_failure_of_theirs_is_told(void **state)
{
    CLEANUP(loopback_answer_done) struct loopback_answer answer = fail_with("conflict");

    (void)state;
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr((const char *)answer.text.ptr, "the sentence of the failure"));
}

static void a_handler_that_does_not_answer_is_a_500(void **state)
{
    (void)state;
    assert_int_equal(loopback_status(GET("/v1/nothing")), 500);
    assert_int_equal(loopback_failure().kind, ERR_USAGE);
}

static void head_gives_the_length_and_no_body(void **state)
{
    CLEANUP(loopback_answer_done)
    struct loopback_answer answer = loopback_ask(
        BYTES_LITERAL("HEAD /v1/bytes/100 HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    const char *text = (const char *)answer.text.ptr;

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(text, "Content-Length: 100\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
}

static void the_request_id_is_the_senders_or_new(void **state)
{
    static const char with[] =
        "GET /v1/trace HTTP/1.1\r\nHost: a\r\n"
        "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";
    CLEANUP(loopback_answer_done) struct loopback_answer given = loopback_ask(bytes_text(with), 0);
    CLEANUP(loopback_answer_done) struct loopback_answer fresh = loopback_ask(GET("/v1/trace"), 0);

    (void)state;
    assert_non_null(
        strstr((const char *)given.text.ptr, "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\""));
    assert_non_null(strstr((const char *)given.text.ptr,
                           "\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-"));
    assert_null(strstr((const char *)given.text.ptr, "b7ad6b7169203331"));
    assert_null(strstr((const char *)fresh.text.ptr, "0af7651916cd43dd8448eb211c80319c"));
}

/* Without memory the answer is a 503 or none at all, never half a one. */
static int post_without_memory(void *context)
{
    static const uid_t listed = 1000;
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = 1000}};
    const struct http_server_options options = {
        .routes = httpsite_routes, .uids = &listed, .uid_count = 1};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    int rc = http_loopback(&options, &peer, *(const struct bytes *)context, &answer, NULL);

    if (rc < 0) {
        assert_int_equal(answer.len, 0);
        return rc;
    }
    if (bytes_start_with(buf_bytes(&answer), BYTES_LITERAL("HTTP/1.1 503")))
        return -ERR_NOMEM;
    assert_true(bytes_start_with(buf_bytes(&answer), BYTES_LITERAL("HTTP/1.1 201")));
    return 0;
}

static void every_failed_allocation_is_a_503(void **state)
{
    struct bytes request = BYTES_LITERAL(
        "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 12\r\n\r\n{\"name\":\"x\"}");

    (void)state;
    assert_true(every_failed_allocation(post_without_memory, &request) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_peers_do_not_get_in),
        cmocka_unit_test(nobody_is_listed_on_tcp),
        cmocka_unit_test(other_query_parameters_are_refused),
        cmocka_unit_test(a_query_parameter_that_is_needed_is_missed),
        cmocka_unit_test(what_is_not_in_its_form_reaches_no_handler),
        cmocka_unit_test(tests_hold_answers_against_their_forms),
        cmocka_unit_test(whoever_calls_too_often_is_told_when_to_come_again),
        cmocka_unit_test(a_foreign_row_judges_its_query_and_has_answers_of_its_own),
        cmocka_unit_test(redirects_are_for_foreign_rows),
        cmocka_unit_test(a_tail_catches_whatever_comes_and_nothing_malformed),
        cmocka_unit_test(a_raw_body_arrives_as_it_was_sent),
        cmocka_unit_test(other_bodies_are_refused),
        cmocka_unit_test(the_path_is_told_with_405),
        cmocka_unit_test(a_failure_of_ours_is_for_the_log_only),
        cmocka_unit_test(a_failure_of_theirs_is_told),
        cmocka_unit_test(a_handler_that_does_not_answer_is_a_500),
        cmocka_unit_test(head_gives_the_length_and_no_body),
        cmocka_unit_test(the_request_id_is_the_senders_or_new),
        cmocka_unit_test(every_failed_allocation_is_a_503),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
