/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused before anything is sent. */
#include "fetch/fetch.h"

#include "base/sock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Nobody listens there, so what is not refused fails to connect: ERR_REMOTE. */
#define NOWHERE "/nonexistent/openjpki.sock"

static int try(struct fetch_request request)
{
    struct fetch_response response = FETCH_RESPONSE_INIT;

    if (request.socket == NULL && request.url != NULL && request.url[0] == '/')
        request.socket = NOWHERE;
    return fetch(&request, &response, NULL);
}

static void other_protocols_are_refused(void **state)
{
    static const char *const urls[] = {"file:///etc/passwd",
                                       "ftp://127.0.0.1/x",
                                       "gopher://a/",
                                       "ldap://a/",
                                       "dict://a/",
                                       "nonsense",
                                       "http://",
                                       "http://user:pw@127.0.0.1/",
                                       "http://127.0.0.1:99999/"};

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        if (try((struct fetch_request){.url = urls[i]}) != -ERR_INPUT)
            fail_msg("not refused: %s", urls[i]);
    }
    assert_int_equal(try((struct fetch_request){.url = NULL}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.socket = NOWHERE, .url = "http://a/"}),
                     -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "http://127.0.0.1:1/"}), -ERR_REMOTE);
}

static void addresses_have_their_letters_and_length(void **state)
{
    char url[FETCH_URL_MAX + 2];

    (void)state;
    assert_int_equal(try((struct fetch_request){.url = "/a b"}), -ERR_INPUT);
    assert_int_equal(try((struct fetch_request){.url = "/a\r\nX: y"}), -ERR_INPUT);
    assert_int_equal(try((struct fetch_request){.url = "/\xe5\xb1\xb1"}), -ERR_INPUT);
    memset(url, 'x', sizeof url);
    url[0] = '/';
    url[FETCH_URL_MAX + 1] = '\0';
    assert_int_equal(try((struct fetch_request){.url = url}), -ERR_INPUT);
    url[FETCH_URL_MAX] = '\0';
    assert_int_equal(try((struct fetch_request){.url = url}), -ERR_REMOTE);
}

static void a_socket_has_its_length(void **state)
{
    char path[SOCK_PATH_MAX + 2];

    (void)state;
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[SOCK_PATH_MAX + 1] = '\0';
    assert_int_equal(try((struct fetch_request){.socket = path, .url = "/a"}), -ERR_INPUT);
    path[SOCK_PATH_MAX] = '\0';
    assert_int_equal(try((struct fetch_request){.socket = path, .url = "/a"}), -ERR_REMOTE);
}

static void each_limit_is_kept(void **state)
{
    (void)state;
    assert_int_equal(try((struct fetch_request){.url = "/", .timeout_ms = -1}), -ERR_USAGE);
    assert_int_equal(
        try((struct fetch_request){.url = "/", .timeout_ms = FETCH_TIMEOUT_MAX_MS + 1}),
        -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .timeout_ms = FETCH_TIMEOUT_MAX_MS}),
                     -ERR_REMOTE);
    assert_int_equal(try((struct fetch_request){.url = "/", .limit = FETCH_BODY_MAX + 1}),
                     -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .limit = FETCH_BODY_MAX}), -ERR_REMOTE);
    assert_int_equal(try((struct fetch_request){.url = "/", .retries = FETCH_RETRIES_MAX + 1}),
                     -ERR_USAGE);
}

static void only_what_may_be_sent_twice_is_tried_twice(void **state)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    (void)state;
    assert_int_equal(try((struct fetch_request){.url = "/", .body = body, .retries = 1}),
                     -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .method = "PATCH", .retries = 1}),
                     -ERR_USAGE);
    assert_int_equal(
        try((struct fetch_request){.url = "/", .body = body, .retries = 1, .is_idempotent = true}),
        -ERR_REMOTE);
    assert_int_equal(try((struct fetch_request){.url = "/", .method = "PUT", .retries = 1}),
                     -ERR_REMOTE);
}

static void what_would_split_a_request_is_refused(void **state)
{
    static const struct fetch_field bad[][2] = {
        {{"", "x"}, {NULL, NULL}},    {{"a:b", "x"}, {NULL, NULL}},
        {{"a b", "x"}, {NULL, NULL}}, {{"a", "x\r\nb: c"}, {NULL, NULL}},
        {{"a\n", "x"}, {NULL, NULL}}, {{"a;", "x"}, {NULL, NULL}},
    };
    static const struct fetch_field good[] = {{"X-A", "b c"}, {NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(try((struct fetch_request){.url = "/", .fields = bad[i]}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .fields = good}), -ERR_REMOTE);
    assert_int_equal(try((struct fetch_request){.url = "/", .method = "GET /x"}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .accept = "a/b\r\nX: y"}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .method = ""}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .traceparent = "a\nb"}), -ERR_USAGE);
}

static void a_request_has_one_body_of_a_clean_type(void **state)
{
    static const struct fetch_content good = {"application/ocsp-request", {NULL, 0}};
    static const struct fetch_content bad = {"a/b\r\nX: y", {NULL, 0}};
    CLEANUP(json_freep) struct json *body = json_object_new();

    (void)state;
    assert_int_equal(try((struct fetch_request){.url = "/", .content = &bad}), -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .content = &good, .body = body}),
                     -ERR_USAGE);
    assert_int_equal(try((struct fetch_request){.url = "/", .content = &good}), -ERR_REMOTE);
}

static void a_proxy_in_the_environment_is_not_used(void **state)
{
    struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.url = "http://127.0.0.1:1/"};
    struct err err = {0};

    (void)state;
    assert_int_equal(setenv("http_proxy", "http://nowhere.invalid:3128", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://nowhere.invalid:3128", 1), 0);
    assert_int_equal(fetch(&request, &response, &err), -ERR_REMOTE);
    assert_string_equal(err.text, "http://127.0.0.1:1/: nobody is listening");
}

static void text_becomes_one_segment(void **state)
{
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;

    (void)state;
    assert_int_equal(fetch_escape(&escaped, "aZ09-._~ /?#%&+\xe5\xb1\xb1", NULL), 0);
    assert_true(
        bytes_equal(buf_bytes(&escaped), BYTES_LITERAL("aZ09-._~%20%2F%3F%23%25%26%2B%E5%B1%B1")));
}

static void the_limits_fit_together(void **state)
{
    (void)state;
    assert_true(FETCH_CONNECT_MS <= FETCH_TIMEOUT_MS && FETCH_TIMEOUT_MS <= FETCH_TIMEOUT_MAX_MS);
    assert_true(FETCH_BODY_DEFAULT <= FETCH_BODY_MAX);
    assert_true(FETCH_HEAD_MAX > 0 && FETCH_RETRY_FIRST_MS <= FETCH_RETRY_MAX_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_protocols_are_refused),
        cmocka_unit_test(addresses_have_their_letters_and_length),
        cmocka_unit_test(a_socket_has_its_length),
        cmocka_unit_test(each_limit_is_kept),
        cmocka_unit_test(only_what_may_be_sent_twice_is_tried_twice),
        cmocka_unit_test(what_would_split_a_request_is_refused),
        cmocka_unit_test(a_request_has_one_body_of_a_clean_type),
        cmocka_unit_test(a_proxy_in_the_environment_is_not_used),
        cmocka_unit_test(text_becomes_one_segment),
        cmocka_unit_test(the_limits_fit_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
