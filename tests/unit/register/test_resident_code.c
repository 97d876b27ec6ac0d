/* SPDX-License-Identifier: Apache-2.0 */
#include "register/resident_code.h"

#include "register/check_digit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, enum mynumber_rule rule)
{
    CLEANUP(resident_code_done) struct resident_code code = RESIDENT_CODE_INIT;

    return resident_code_parse(text, rule, &code, NULL);
}

static void texts_that_are_no_eleven_digits_are_refused(void **state)
{
    static const char *const texts[] = {
        "", "2472705960", "247270596080", "2472705960x", "２４７２", " 4727059608", "2472705960 ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(parse(texts[i], MYNUMBER_TEST), -ERR_INPUT);
        assert_int_equal(parse(texts[i], MYNUMBER_LAW), -ERR_INPUT);
    }
}

/* Printed on specimens of resident records. */
static void published_specimens_have_the_right_digit(void **state)
{
    static const char *const specimens[] = {"24727059608", "24846016224", "25208017643"};

    (void)state;
    for (size_t i = 0; i < sizeof specimens / sizeof specimens[0]; i++) {
        assert_int_equal(parse(specimens[i], MYNUMBER_LAW), 0);
        assert_int_equal(parse(specimens[i], MYNUMBER_TEST), -ERR_INPUT);
    }
}

/* A sum that leaves 0 or 1 has no digit of its own. */
static void remainders_of_0_and_1_give_0(void **state)
{
    (void)state;
    assert_int_equal(check_digit_of("0000000000", 10), 0);
    assert_int_equal(check_digit_of("0000000006", 10), 0); /* 12 */
    assert_int_equal(check_digit_of("0000000001", 10), 9);
    assert_int_equal(check_digit_of("000000000x", 10), -1);
}

static void only_one_last_digit_is_right_under_either_rule(void **state)
{
    char text[] = "98765432100";
    unsigned taken[] = {[MYNUMBER_TEST] = 0, [MYNUMBER_LAW] = 0};

    (void)state;
    for (char digit = '0'; digit <= '9'; digit++) {
        text[10] = digit;
        for (unsigned rule = MYNUMBER_TEST; rule <= MYNUMBER_LAW; rule++)
            taken[rule] += parse(text, (enum mynumber_rule)rule) == 0;
        assert_true(parse(text, MYNUMBER_TEST) != 0 || parse(text, MYNUMBER_LAW) != 0);
    }
    assert_int_equal(taken[MYNUMBER_TEST], 1);
    assert_int_equal(taken[MYNUMBER_LAW], 1);
}

static void none_is_none(void **state)
{
    CLEANUP(resident_code_done) struct resident_code code = RESIDENT_CODE_INIT;

    (void)state;
    assert_int_equal(resident_code_parse(NULL, MYNUMBER_LAW, &code, NULL), 0);
    assert_int_equal(secret_bytes(&code.digits).len, 0);
}

static void a_failure_does_not_repeat_the_code(void **state)
{
    CLEANUP(resident_code_done) struct resident_code code = RESIDENT_CODE_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(resident_code_parse("24727059600", MYNUMBER_LAW, &code, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "2472705960"));
    assert_int_equal(secret_bytes(&code.digits).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_no_eleven_digits_are_refused),
        cmocka_unit_test(published_specimens_have_the_right_digit),
        cmocka_unit_test(remainders_of_0_and_1_give_0),
        cmocka_unit_test(only_one_last_digit_is_right_under_either_rule),
        cmocka_unit_test(none_is_none),
        cmocka_unit_test(a_failure_does_not_repeat_the_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
