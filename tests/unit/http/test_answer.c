/* SPDX-License-Identifier: Apache-2.0 */
/* What a row does not declare is not answered. */
#include "http/answer.h"
#include "http/engine.h"
#include "support/httpsite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct http_member members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "a name"},
    {NULL},
};
static const struct http_answer answers[] = {{200, "an object", members},
                                             {201, "text", .type = "text/plain"},
                                             {204, "nothing"},
                                             {206, "any file", .type = HTTP_ANY_TYPE},
                                             {0}};

static int handle(struct http_call *call, struct err *err)
{
    (void)call;
    return FAIL(err, ERR_SYSTEM, "never called");
}

static struct route row = {HTTP_GET, "/a", &http_anyone, NULL, handle, "do", "Do it", answers};

static int check_json(unsigned status, const char *text)
{
    struct http_response response = {.status = 0};
    struct json *body = NULL;
    int rc;

    assert_int_equal(json_parse(bytes_text(text), &body, NULL), 0);
    assert_int_equal(http_reply_json(&response, status, body, NULL), 0);
    rc = http_answer_check(&row, &response, NULL);
    http_response_done(&response);
    return rc;
}

/* The same, written by this row with its member "name", or without it. */
static int check_written(const struct http_member *table, unsigned status, const char *name)
{
    const struct http_answer own_answers[] = {{200, "an object", table}, {0}};
    struct route own = {.path = "/a", .answers = own_answers};
    struct http_call call = {.route = &own};
    CLEANUP(http_writer_done) struct http_writer writer = HTTP_WRITER_INIT;
    struct err err = {0};
    int rc;

    http_answer_begin(&call, status, &writer);
    if (name != NULL)
        http_write_text(&writer, "name", name);
    rc = http_answer_end(&call, &writer, &err);
    if (rc == 0)
        rc = http_answer_check(&row, &call.response, &err);
    else
        assert_null(call.response.written);
    http_response_done(&call.response);
    return rc;
}

static int check_bytes(unsigned status, const char *type)
{
    struct http_response response = {.status = 0};
    int rc;

    if (type == NULL)
        http_reply_empty(&response, status);
    else
        assert_int_equal(
            http_reply_bytes(&response, status, type, BYTES_LITERAL("{\"name\":\"x\"}"), NULL), 0);
    rc = http_answer_check(&row, &response, NULL);
    http_response_done(&response);
    return rc;
}

static void another_status_is_a_mistake(void **state)
{
    (void)state;
    assert_int_equal(check_json(202, "{\"name\":\"x\"}"), -ERR_USAGE);
    assert_int_equal(check_bytes(0, NULL), -ERR_USAGE);
    assert_int_equal(check_bytes(404, NULL), -ERR_USAGE);
}

static void another_body_is_a_mistake(void **state)
{
    (void)state;
    assert_int_equal(check_json(200, "{}"), -ERR_USAGE);
    assert_int_equal(check_json(200, "[]"), -ERR_USAGE);
    assert_int_equal(check_json(200, "{\"name\":\"x\",\"serial\":1}"), -ERR_USAGE);
    assert_int_equal(check_json(201, "{\"name\":\"x\"}"), -ERR_USAGE);
    assert_int_equal(check_json(204, "{\"name\":\"x\"}"), -ERR_USAGE);
    /* Not made by http_reply_json: nobody could look at its members. */
    assert_int_equal(check_bytes(200, "application/json"), -ERR_USAGE);
    assert_int_equal(check_bytes(200, NULL), -ERR_USAGE);
    assert_int_equal(check_bytes(201, "text/html"), -ERR_USAGE);
    assert_int_equal(check_bytes(201, NULL), -ERR_USAGE);
    assert_int_equal(check_bytes(206, NULL), -ERR_USAGE);
    assert_int_equal(check_bytes(204, "text/plain"), -ERR_USAGE);
}

static void what_is_written_by_another_row_is_a_mistake(void **state)
{
    static const struct http_member same[] = {{"name", HTTP_TEXT, HTTP_REQUIRED, "a name"}, {NULL}};

    (void)state;
    assert_int_equal(check_written(members, 200, NULL), -ERR_USAGE);
    assert_int_equal(check_written(members, 201, "x"), -ERR_USAGE);
    assert_int_equal(check_written(members, 200, "\xff"),
                     -ERR_USAGE); /* nobody who asks mends it */
    assert_int_equal(check_written(NULL, 200, "x"), -ERR_USAGE);
    assert_int_equal(check_written(same, 200, "x"), -ERR_USAGE);
    assert_int_equal(check_written(members, 200, "x"), 0);
}

static void an_answer_that_is_not_as_declared_is_named(void **state)
{
    struct http_call call = {.route = &row};
    CLEANUP(http_writer_done) struct http_writer writer = HTTP_WRITER_INIT;
    struct err err = {0};

    (void)state;
    http_answer_begin(&call, 200, &writer);
    http_write_int(&writer, "name", 1);
    assert_int_equal(http_answer_end(&call, &writer, &err), -ERR_USAGE);
    assert_string_equal(err.text,
                        "the answer of /a is not as its row says: member \"name\" is not a string");
}

static void what_is_declared_is_answered(void **state)
{
    (void)state;
    assert_int_equal(check_json(200, "{\"name\":\"x\"}"), 0);
    assert_int_equal(check_bytes(201, "text/plain"), 0);
    assert_int_equal(check_bytes(206, "text/plain"), 0);
    assert_int_equal(check_bytes(206, "font/woff2"), 0);
    assert_int_equal(check_bytes(204, NULL), 0);
}

static void the_last_answer_is_the_one_that_counts(void **state)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    struct http_response response = {.status = 0};

    (void)state;
    assert_int_equal(http_reply_json(&response, 200, json_object_new(), NULL), 0);
    http_reply_empty(&response, 204);
    assert_null(response.json);
    assert_int_equal(http_answer_check(&row, &response, NULL), 0);
    http_reply_written(&response, 200, members, &written);
    assert_int_equal(http_answer_check(&row, &response, NULL), 0);
    assert_int_equal(
        http_reply_bytes(&response, 200, "application/json", BYTES_LITERAL("{}"), NULL), 0);
    assert_int_equal(http_answer_check(&row, &response, NULL), -ERR_USAGE);
    http_response_done(&response);
}

static void failures_follow_from_the_row(void **state)
{
    static const unsigned plain[] = {400, 414, 417, 431, 500, 501, 503};
    unsigned status = 0;

    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        status = http_answer_next_failure(&row, status);
        assert_int_equal(status, plain[i]);
    }
    assert_int_equal(http_answer_next_failure(&row, status), 0);
    assert_false(http_answer_is_declared(&row, 403));
    assert_false(http_answer_is_declared(&row, 404));
    assert_false(http_answer_is_declared(&row, 415));
    row.access = &http_listed_peer;
    row.fails = HTTP_FAIL(ERR_ABSENT);
    row.body = members;
    assert_true(http_answer_is_declared(&row, 403));
    assert_true(http_answer_is_declared(&row, 404));
    assert_true(http_answer_is_declared(&row, 415));
    assert_false(http_answer_is_declared(&row, 409));
    assert_true(http_answer_is_declared(&row, 204));
    assert_false(http_answer_is_declared(&row, 202));
    row.access = &http_anyone;
    row.fails = 0;
    row.body = NULL;
}

static bool was_undeclared;

static void observe(void *context, const struct http_event *event)
{
    (void)context;
    was_undeclared = event->is_undeclared;
}

/* What the site of the tests answers to a request for path. */
static int ask(const char *path, const struct route *routes, struct buf *ret)
{
    const struct http_server_options options = {.routes = routes, .observe = observe};
    const struct http_peer peer = {.is_unix = true};
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    assert_int_equal(buf_append_format(&request, NULL, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path),
                     0);
    return http_loopback(&options, &peer, buf_bytes(&request), ret, NULL);
}

static void an_undeclared_answer_does_not_leave(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask("/v1/undeclared", httpsite_routes, &answer), 0);
    assert_memory_equal(answer.ptr + 9, "500", 3);
    assert_null(memmem(answer.ptr, answer.len, "the first", strlen("the first")));
    assert_false(was_undeclared);
}

static int be_absent(struct http_call *call, struct err *err)
{
    (void)call;
    return FAIL(err, ERR_ABSENT, "there is none");
}

static void an_undeclared_failure_is_told_to_the_log_and_fails_tests(void **state)
{
    struct route table[] = {{HTTP_GET, "/a", &http_anyone, NULL, be_absent, "do", "Do it", answers},
                            {.path = NULL}};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask("/a", table, &answer), -ERR_USAGE);
    assert_true(was_undeclared);
    assert_int_equal(answer.len, 0);
    table[0].fails = HTTP_FAIL(ERR_ABSENT);
    assert_int_equal(ask("/a", table, &answer), 0);
    assert_memory_equal(answer.ptr + 9, "404", 3);
    assert_false(was_undeclared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_status_is_a_mistake),
        cmocka_unit_test(another_body_is_a_mistake),
        cmocka_unit_test(what_is_written_by_another_row_is_a_mistake),
        cmocka_unit_test(an_answer_that_is_not_as_declared_is_named),
        cmocka_unit_test(what_is_declared_is_answered),
        cmocka_unit_test(the_last_answer_is_the_one_that_counts),
        cmocka_unit_test(failures_follow_from_the_row),
        cmocka_unit_test(an_undeclared_answer_does_not_leave),
        cmocka_unit_test(an_undeclared_failure_is_told_to_the_log_and_fails_tests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
