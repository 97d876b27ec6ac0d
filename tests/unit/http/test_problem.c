/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char secret[] = "/var/lib/x.db: No space left on device";

struct told {
    unsigned status;
    int64_t body_status;
    const char *kind;
    const char *detail; /* NULL: none */
    struct json *body;
    struct http_response response;
};

static struct told tell(unsigned status, enum err_kind kind, const char *text)
{
    struct told told = {0};
    struct err failure = {.kind = kind};

    strncpy(failure.text, text, ERR_TEXT_MAX - 1);
    problem_reply(&told.response, status, &failure, NULL, "0123456789abcdef0123456789abcdef");
    told.status = told.response.status;
    assert_string_equal(told.response.type, HTTP_PROBLEM_TYPE);
    assert_int_equal(json_parse(buf_bytes(&told.response.body), &told.body, NULL), 0);
    assert_int_equal(json_get_int(told.body, "status", &told.body_status, NULL), 0);
    assert_int_equal(json_get_text(told.body, "kind", &told.kind, NULL), 0);
    if (json_has(told.body, "detail"))
        assert_int_equal(json_get_text(told.body, "detail", &told.detail, NULL), 0);
    return told;
}

static void told_done(struct told *told)
{
    json_free(told->body);
    http_response_done(&told->response);
}

static void what_only_the_operator_can_mend_is_not_told(void **state)
{
    static const enum err_kind kinds[] = {ERR_SYSTEM, ERR_NOMEM, ERR_USAGE, ERR_NONE, ERR_KINDS_};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        CLEANUP(told_done) struct told told = tell(0, kinds[i], secret);

        assert_null(told.detail);
        assert_null(memmem(told.response.body.ptr, told.response.body.len, "x.db", 4));
        assert_int_equal(told.status, kinds[i] == ERR_NOMEM ? 503 : 500);
    }
}

static void each_kind_has_its_status_and_tells_its_sentence(void **state)
{
    static const struct {
        enum err_kind kind;
        unsigned status;
    } rows[] = {{ERR_INPUT, 400},     {ERR_DENIED, 403},   {ERR_ABSENT, 404},
                {ERR_UNTRUSTED, 422}, {ERR_CONFLICT, 409}, {ERR_REMOTE, 503}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(told_done) struct told told = tell(0, rows[i].kind, "a sentence");

        assert_int_equal(told.status, rows[i].status);
        assert_int_equal(told.body_status, rows[i].status);
        assert_int_equal(problem_status(rows[i].kind), rows[i].status);
        assert_string_equal(told.kind, err_kind_name(rows[i].kind));
        assert_string_equal(told.detail, "a sentence");
    }
}

/* RFC 9110, 10.2.3 */
static void a_503_says_when_to_come_back(void **state)
{
    CLEANUP(told_done) struct told told = tell(0, ERR_REMOTE, "a sentence");
    CLEANUP(told_done) struct told other = tell(0, ERR_ABSENT, "a sentence");

    (void)state;
    assert_int_equal(told.response.field_count, 1);
    assert_string_equal(told.response.fields[0].name, "Retry-After");
    assert_int_equal(atoi(told.response.fields[0].value), HTTP_RETRY_AFTER_S);
    assert_int_equal(other.response.field_count, 0);
}

static void every_body_has_the_members_that_documents_say(void **state)
{
    (void)state;
    for (unsigned kind = ERR_NONE + 1; kind < ERR_KINDS_; kind++) {
        CLEANUP(told_done) struct told told = tell(0, (enum err_kind)kind, "a sentence");

        assert_int_equal(http_members_check(told.body, problem_members, NULL), 0);
        assert_non_null(problem_title(told.status));
    }
    assert_int_equal(http_members_valid(problem_members, NULL), 0);
    assert_null(problem_title(200));
}

static void a_status_of_http_itself_has_its_title(void **state)
{
    CLEANUP(told_done) struct told told = tell(413, ERR_INPUT, "a sentence");
    const char *text;

    (void)state;
    assert_int_equal(told.status, 413);
    assert_int_equal(json_get_text(told.body, "title", &text, NULL), 0);
    assert_string_equal(text, "content too large");
    assert_int_equal(json_get_text(told.body, "request_id", &text, NULL), 0);
    assert_string_equal(text, "0123456789abcdef0123456789abcdef");
    assert_int_equal(json_get_text(told.body, "type", &text, NULL), 0);
    assert_string_equal(text, "about:blank");
}

static void what_the_handler_had_filled_in_is_gone(void **state)
{
    struct http_response response = {0};
    struct err failure = {.kind = ERR_ABSENT, .text = "gone"};

    (void)state;
    assert_int_equal(
        http_reply_bytes(&response, 200, "text/plain", BYTES_LITERAL("half an answer"), NULL), 0);
    assert_int_equal(http_reply_field(&response, "Location", "/x", NULL), 0);
    problem_reply(&response, 0, &failure, NULL, "0123456789abcdef0123456789abcdef");
    assert_int_equal(response.status, 404);
    assert_int_equal(response.field_count, 0);
    assert_null(memmem(response.body.ptr, response.body.len, "half", 4));
    http_response_done(&response);
}

static void a_sentence_that_is_no_utf8_is_left_out(void **state)
{
    CLEANUP(told_done) struct told told = tell(0, ERR_INPUT, "bad \xff");

    (void)state;
    assert_null(told.detail);
    assert_int_equal(told.status, 400);
}

static const struct http_problem named[] = {
    {"consent-withdrawn", ERR_CONFLICT, "it was withdrawn"},
    {"no-consent", ERR_ABSENT, "there is none"},
    {NULL, ERR_NONE, NULL},
};

static void a_failure_has_a_name_only_by_its_place_and_kind(void **state)
{
    struct err failure = {.kind = ERR_ABSENT, .detail = HTTP_NAMED(1)};

    (void)state;
    assert_ptr_equal(problem_named(named, &failure), &named[1]);
    assert_null(problem_named(NULL, &failure));
    failure.detail = HTTP_NAMED(0);
    assert_null(problem_named(named, &failure)); /* another kind than that of the row */
    failure.detail = HTTP_NAMED(2);
    assert_null(problem_named(named, &failure));
    failure.detail = 1; /* an errno, a status word */
    assert_null(problem_named(named, &failure));
}

static void a_name_is_told_as_type_and_title(void **state)
{
    struct http_response response = {0};
    const struct err failure = {.kind = ERR_CONFLICT, .text = "withdrawn yesterday"};
    CLEANUP(json_freep) struct json *body = NULL;
    const char *text;

    (void)state;
    problem_reply(&response, 0, &failure, &named[0], "0123456789abcdef0123456789abcdef");
    assert_int_equal(response.status, 409);
    assert_int_equal(json_parse(buf_bytes(&response.body), &body, NULL), 0);
    assert_int_equal(json_get_text(body, "type", &text, NULL), 0);
    assert_string_equal(text, "urn:openjpki:problem:consent-withdrawn");
    assert_int_equal(json_get_text(body, "title", &text, NULL), 0);
    assert_string_equal(text, "it was withdrawn");
    http_response_done(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_the_operator_can_mend_is_not_told),
        cmocka_unit_test(each_kind_has_its_status_and_tells_its_sentence),
        cmocka_unit_test(a_503_says_when_to_come_back),
        cmocka_unit_test(every_body_has_the_members_that_documents_say),
        cmocka_unit_test(a_status_of_http_itself_has_its_title),
        cmocka_unit_test(what_the_handler_had_filled_in_is_gone),
        cmocka_unit_test(a_sentence_that_is_no_utf8_is_left_out),
        cmocka_unit_test(a_failure_has_a_name_only_by_its_place_and_kind),
        cmocka_unit_test(a_name_is_told_as_type_and_title),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
