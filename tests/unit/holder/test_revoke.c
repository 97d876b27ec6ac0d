/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/revoke.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int parse(int64_t at, const char *reason, struct revoke_answer *ret)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();

    assert_int_equal(json_put_int(answer, "at", at, NULL), 0);
    assert_int_equal(json_put_text(answer, "reason", reason, NULL), 0);
    return revoke_parse(answer, ret, NULL);
}

static void half_an_answer_is_refused(void **state)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();
    struct revoke_answer parsed;

    (void)state;
    assert_int_equal(revoke_parse(answer, &parsed, NULL), -ERR_INPUT);
    assert_int_equal(json_put_int(answer, "at", 1, NULL), 0);
    assert_int_equal(revoke_parse(answer, &parsed, NULL), -ERR_INPUT);
}

static void a_reason_is_letters_as_many_as_the_limit(void **state)
{
    char text[REVOKE_REASON_MAX + 2];
    struct revoke_answer parsed;

    (void)state;
    memset(text, 'a', sizeof text);
    text[REVOKE_REASON_MAX] = '\0';
    assert_int_equal(parse(0, text, &parsed), 0);
    assert_string_equal(parsed.reason, text);
    text[REVOKE_REASON_MAX] = 'a';
    text[REVOKE_REASON_MAX + 1] = '\0';
    assert_int_equal(parse(0, text, &parsed), -ERR_INPUT);
    assert_int_equal(parse(0, "", &parsed), -ERR_INPUT);
    assert_int_equal(parse(0, "a\033[2J", &parsed), -ERR_INPUT);
}

static void a_time_before_1970_is_refused(void **state)
{
    struct revoke_answer parsed;

    (void)state;
    assert_int_equal(parse(-1, "keyCompromise", &parsed), -ERR_INPUT);
    assert_int_equal(parse(1790000000, "keyCompromise", &parsed), 0);
    assert_true(parsed.at == 1790000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_an_answer_is_refused),
        cmocka_unit_test(a_reason_is_letters_as_many_as_the_limit),
        cmocka_unit_test(a_time_before_1970_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
