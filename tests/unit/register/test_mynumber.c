/* SPDX-License-Identifier: Apache-2.0 */
#include "register/mynumber.h"

#include "register/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, enum mynumber_rule rule)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;

    return mynumber_parse(text, rule, &number, NULL);
}

static void texts_that_are_no_twelve_digits_are_refused(void **state)
{
    static const char *const texts[] = {
        "",           "12345678901",  "1234567890180", "12345678901x",
        "１２３４５", " 23456789018", "12345678901 ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(parse(texts[i], MYNUMBER_TEST), -ERR_INPUT);
        assert_int_equal(parse(texts[i], MYNUMBER_LAW), -ERR_INPUT);
    }
}

/* The published dummy has a right check digit. */
static void a_number_that_somebody_may_have_is_refused_by_the_test_rule(void **state)
{
    char text[] = "200000000000";

    (void)state;
    for (int i = 0; i < 100; i++) {
        text[4] = (char)('0' + i / 10);
        text[10] = (char)('0' + i % 10);
        text[11] = (char)('0' + mynumber_check_digit(text));
        assert_int_equal(parse(text, MYNUMBER_TEST), -ERR_INPUT);
        assert_int_equal(parse(text, MYNUMBER_LAW), 0);
        text[11] = (char)('0' + (mynumber_check_digit(text) + 5) % 10);
        assert_int_equal(parse(text, MYNUMBER_TEST), 0);
        assert_int_equal(parse(text, MYNUMBER_LAW), -ERR_INPUT);
    }
}

static void only_two_last_digits_are_right_under_either_rule(void **state)
{
    char text[] = "987654321090";
    int test = 0;
    int law = 0;

    (void)state;
    for (char digit = '0'; digit <= '9'; digit++) {
        text[11] = digit;
        test += parse(text, MYNUMBER_TEST) == 0;
        law += parse(text, MYNUMBER_LAW) == 0;
    }
    assert_int_equal(test, 1);
    assert_int_equal(law, 1);
}

static void the_published_dummy_is_taken_by_both_rules(void **state)
{
    (void)state;
    assert_int_equal(mynumber_check_digit("12345678901"), 8);
    assert_int_equal(parse("123456789018", MYNUMBER_TEST), 0);
    assert_int_equal(parse("123456789018", MYNUMBER_LAW), 0);
    assert_int_equal(mynumber_check_digit("1234567890x"), -1);
}

static void a_failure_does_not_repeat_the_number(void **state)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(mynumber_parse("123456789019", MYNUMBER_TEST, &number, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "123456789"));
}

static void reading_without_purpose_or_actor_is_refused(void **state)
{
    char actor[ACTOR_MAX + 2];
    struct mynumber_use use = {
        .purpose = MYNUMBER_FOR_CARD, .actor = "uid 0", .is_identified = true};

    (void)state;
    assert_int_equal(mynumber_use_check(&use, NULL), 0);
    use.purpose = MYNUMBER_PURPOSES_;
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.purpose = MYNUMBER_FOR_CARD;
    use.actor = NULL;
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.actor = "";
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    memset(actor, 'a', sizeof actor);
    actor[ACTOR_MAX + 1] = '\0';
    use.actor = actor;
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    actor[ACTOR_MAX] = '\0';
    assert_int_equal(mynumber_use_check(&use, NULL), 0);
}

static int try_use(enum mynumber_purpose purpose, enum mynumber_body body)
{
    static const char *const ordinances[] = {"school-meals", NULL};
    const struct mynumber_use use = {.purpose = purpose,
                                     .body = body,
                                     .actor = "uid 0",
                                     .is_identified = true,
                                     .duty = "school-meals",
                                     .ordinances = ordinances};

    return mynumber_use_check(&use, NULL);
}

static void each_purpose_has_its_bodies_and_nobody_else(void **state)
{
    static const bool allowed[MYNUMBER_PURPOSES_][MYNUMBER_BODIES_] = {
        [MYNUMBER_FOR_CARD] = {true, false, false},
        [MYNUMBER_FOR_SOCIAL_SECURITY] = {true, true, true},
        [MYNUMBER_FOR_TAX] = {true, true, true},
        [MYNUMBER_FOR_DISASTER] = {true, true, false},
        [MYNUMBER_FOR_ORDINANCE] = {true, false, false},
    };

    (void)state;
    for (unsigned p = 0; p < MYNUMBER_PURPOSES_; p++) {
        assert_int_equal(try_use((enum mynumber_purpose)p, MYNUMBER_BODIES_), -ERR_DENIED);
        for (unsigned b = 0; b < MYNUMBER_BODIES_; b++)
            assert_int_equal(try_use((enum mynumber_purpose)p, (enum mynumber_body)b),
                             allowed[p][b] ? 0 : -ERR_DENIED);
    }
}

static void a_number_alone_proves_nothing(void **state)
{
    struct mynumber_use use = {.purpose = MYNUMBER_FOR_TAX, .actor = "uid 0"};

    (void)state;
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.is_identified = true;
    assert_int_equal(mynumber_use_check(&use, NULL), 0);
    /* Help comes before papers. */
    use.purpose = MYNUMBER_FOR_DISASTER;
    use.is_identified = false;
    assert_int_equal(mynumber_use_check(&use, NULL), 0);
}

static void an_ordinance_names_the_duty_or_there_is_none(void **state)
{
    static const char *const ordinances[] = {"school-meals", NULL};
    struct mynumber_use use = {
        .purpose = MYNUMBER_FOR_ORDINANCE, .actor = "uid 0", .is_identified = true};

    (void)state;
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.duty = "school-meals";
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.ordinances = ordinances;
    use.duty = "school";
    assert_int_equal(mynumber_use_check(&use, NULL), -ERR_DENIED);
    use.duty = "school-meals";
    assert_int_equal(mynumber_use_check(&use, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_no_twelve_digits_are_refused),
        cmocka_unit_test(a_number_that_somebody_may_have_is_refused_by_the_test_rule),
        cmocka_unit_test(only_two_last_digits_are_right_under_either_rule),
        cmocka_unit_test(the_published_dummy_is_taken_by_both_rules),
        cmocka_unit_test(a_failure_does_not_repeat_the_number),
        cmocka_unit_test(reading_without_purpose_or_actor_is_refused),
        cmocka_unit_test(each_purpose_has_its_bodies_and_nobody_else),
        cmocka_unit_test(a_number_alone_proves_nothing),
        cmocka_unit_test(an_ordinance_names_the_duty_or_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
