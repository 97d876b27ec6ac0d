/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform may say about a signature. */
#include "holder/opinion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HOLDER                                                                                     \
    "\"attributes\":{\"name\":\"A\",\"address\":\"B\",\"birth_date\":\"1990-01-01\","              \
    "\"sex\":\"male\"}"

static int parse(const char *text, struct opinion *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;

    assert_int_equal(json_parse(bytes_text(text), &answer, NULL), 0);
    return opinion_parse(answer, ret, err);
}

static void an_incomplete_or_contradictory_answer_is_refused(void **state)
{
    static const char *const answers[] = {
        "{}",
        "[]",
        "{\"verdict\":\"valid\",\"reasons\":[]}",
        "{\"id\":\"\",\"verdict\":\"valid\",\"reasons\":[]}",
        "{\"id\":1,\"verdict\":\"valid\",\"reasons\":[]}",
        "{\"id\":\"v\",\"reasons\":[]}",
        "{\"id\":\"v\",\"verdict\":\"VALID\",\"reasons\":[]}",
        "{\"id\":\"v\",\"verdict\":true,\"reasons\":[]}",
        "{\"id\":\"v\",\"verdict\":\"valid\"}",
        "{\"id\":\"v\",\"verdict\":\"valid\",\"reasons\":\"\"}",
        "{\"id\":\"v\",\"verdict\":\"valid\",\"reasons\":[\"expired\"]}",
        "{\"id\":\"v\",\"verdict\":\"valid\",\"reasons\":[\"a-reason-of-tomorrow\"]}",
        "{\"id\":\"v\",\"verdict\":\"invalid\",\"reasons\":[]}",
        "{\"id\":\"v\",\"verdict\":\"indeterminate\",\"reasons\":[]}",
        "{\"id\":\"v\",\"verdict\":\"invalid\",\"reasons\":[\"\"]}",
        "{\"id\":\"v\",\"verdict\":\"invalid\",\"reasons\":[\"expired\",1]}",
        "{\"id\":\"v\",\"verdict\":\"valid\",\"reasons\":[],\"attributes\":[]}",
        "{\"id\":\"v\",\"verdict\":\"valid\",\"reasons\":[],\"attributes\":{\"name\":\"A\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

        if (parse(answers[i], &opinion, NULL) != -ERR_INPUT)
            fail_msg("%s", answers[i]);
        assert_null(opinion.id.ptr);
        assert_int_equal(opinion.reason_count, 0);
    }
}

static int parse_reasons(size_t count, size_t len)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *reasons = json_array_new();
    const char *reason;

    for (size_t i = 0; i < len; i++)
        assert_int_equal(buf_append_byte(&text, 'r', NULL), 0);
    assert_int_equal(buf_text(&text, &reason, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(json_add_text(reasons, reason, NULL), 0);
    assert_int_equal(json_put_text(answer, "id", "v", NULL), 0);
    assert_int_equal(json_put_text(answer, "verdict", "invalid", NULL), 0);
    assert_int_equal(json_put(answer, "reasons", reasons, NULL), 0);
    return opinion_parse(answer, &opinion, NULL);
}

static void reasons_are_limited_in_number_and_length(void **state)
{
    (void)state;
    assert_int_equal(parse_reasons(OPINION_REASONS_MAX, 1), 0);
    assert_int_equal(parse_reasons(OPINION_REASONS_MAX + 1, 1), -ERR_INPUT);
    assert_int_equal(parse_reasons(1, OPINION_TEXT_MAX), 0);
    assert_int_equal(parse_reasons(1, OPINION_TEXT_MAX + 1), -ERR_INPUT);
}

static void the_four_attributes_are_read(void **state)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

    (void)state;
    assert_int_equal(
        parse("{\"id\":\"v-1\",\"verdict\":\"valid\",\"reasons\":[]," HOLDER "}", &opinion, NULL),
        0);
    assert_int_equal(opinion.verdict, VERDICT_VALID);
    assert_true(opinion.has_holder);
    assert_true(bytes_equal(buf_bytes(&opinion.id), BYTES_LITERAL("v-1")));
    assert_true(bytes_equal(buf_bytes(&opinion.name), BYTES_LITERAL("A")));
    assert_true(bytes_equal(buf_bytes(&opinion.address), BYTES_LITERAL("B")));
    assert_true(bytes_equal(buf_bytes(&opinion.birth_date), BYTES_LITERAL("1990-01-01")));
    assert_true(bytes_equal(buf_bytes(&opinion.sex), BYTES_LITERAL("male")));
}

static void a_reason_of_a_newer_platform_is_kept(void **state)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;
    enum reason reason = REASONS_;

    (void)state;
    assert_int_equal(parse("{\"id\":\"v\",\"verdict\":\"indeterminate\",\"reasons\":"
                           "[\"a-reason-of-tomorrow\",\"expired\"]}",
                           &opinion, NULL),
                     0);
    assert_int_equal(opinion.verdict, VERDICT_INDETERMINATE);
    assert_false(opinion.has_holder);
    assert_int_equal(opinion.reason_count, 2);
    assert_false(opinion_reason(buf_bytes(&opinion.reasons[0]), &reason));
    assert_true(opinion_reason(buf_bytes(&opinion.reasons[1]), &reason));
    assert_int_equal(reason, REASON_EXPIRED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_or_contradictory_answer_is_refused),
        cmocka_unit_test(reasons_are_limited_in_number_and_length),
        cmocka_unit_test(the_four_attributes_are_read),
        cmocka_unit_test(a_reason_of_a_newer_platform_is_kept),
    };

    return cmocka_run_group_tests_name("holder/opinion", tests, NULL, NULL);
}
