/* SPDX-License-Identifier: Apache-2.0 */
#include "register/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct caldate today = {2026, 11, 23};

static void serials_and_counters_have_their_form(void **state)
{
    (void)state;
    assert_int_equal(card_serial_check("", NULL), -ERR_INPUT);
    assert_int_equal(card_serial_check("0000000020500003", NULL), 0);
    assert_int_equal(strlen("0000000020500003"), CARD_SERIAL_MAX);
    assert_int_equal(card_serial_check("00000000205000031", NULL), -ERR_INPUT);
    assert_int_equal(card_serial_check("../x", NULL), -ERR_INPUT);
    assert_int_equal(card_serial_check("a b", NULL), -ERR_INPUT);
    assert_int_equal(window_check("003A", NULL), 0);
    assert_int_equal(window_check("003", NULL), -ERR_INPUT);
    assert_int_equal(window_check("0003A", NULL), -ERR_INPUT);
    assert_int_equal(window_check("003a", NULL), -ERR_INPUT);
}

static void cards_end_on_the_tenth_birthday_or_the_fifth_under_18(void **state)
{
    static const struct {
        struct caldate birth, issued, expected;
    } rows[] = {
        {{1980, 2, 17}, {2026, 11, 23}, {2036, 2, 17}},
        {{1980, 11, 23}, {2026, 11, 23}, {2036, 11, 23}}, /* the day itself does not count */
        {{1980, 11, 24}, {2026, 11, 23}, {2035, 11, 24}},
        {{2008, 11, 23}, {2026, 11, 23}, {2036, 11, 23}}, /* 18 today */
        {{2008, 11, 24}, {2026, 11, 23}, {2030, 11, 24}}, /* 18 tomorrow */
        {{2020, 2, 29}, {2026, 11, 23}, {2031, 2, 28}},
        {{1980, 2, 29}, {2026, 11, 23}, {2036, 2, 29}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct caldate got = card_expiry(rows[i].birth, rows[i].issued);

        if (caldate_compare(got, rows[i].expected) != 0)
            fail_msg("row %zu: %d-%d-%d", i, got.year, got.month, got.day);
    }
    /* 14:59:59Z is 23:59:59 in Japan */
    assert_int_equal(day_end((struct caldate){2030, 2, 17}), 1897570799);
}

static void a_card_ends_with_a_stay_that_is_shorter(void **state)
{
    struct resident r = {.birth = {1980, 2, 17}};
    struct caldate full = card_expiry(r.birth, today);

    (void)state;
    assert_int_equal(caldate_compare(card_last_day(&r, today), full), 0);
    r.stay_until = (struct caldate){2028, 3, 31};
    assert_int_equal(caldate_compare(card_last_day(&r, today), r.stay_until), 0);
    r.stay_until = (struct caldate){2046, 3, 31};
    assert_int_equal(caldate_compare(card_last_day(&r, today), full), 0);
}

static void the_next_card_is_made_by_the_kind_of_cards(void **state)
{
    static const struct {
        enum card_generation generation;
        struct caldate last, opens;
    } rows[] = {
        {CARDS_OF_TODAY, {2036, 4, 15}, {2036, 1, 15}},
        {CARDS_OF_TODAY, {2036, 2, 17}, {2035, 11, 17}},
        {CARDS_OF_TODAY, {2036, 5, 31}, {2036, 2, 29}}, /* there is no 31st */
        {CARDS_OF_NEXT, {2036, 4, 15}, {2035, 4, 15}},
        {CARDS_OF_NEXT, {2036, 2, 29}, {2035, 2, 28}},
    };
    enum card_generation got;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            caldate_compare(card_renewal_opens(rows[i].generation, rows[i].last), rows[i].opens),
            0);
    assert_int_equal(card_generation_parse("later", &got, NULL), -ERR_INPUT);
    assert_int_equal(card_generation_parse("next", &got, NULL), 0);
    assert_int_equal(got, CARDS_OF_NEXT);
}

static void states_are_known_by_name(void **state)
{
    enum card_state got;

    (void)state;
    assert_int_equal(card_state_parse("lost", &got, NULL), -ERR_SYSTEM);
    for (unsigned i = 0; i < CARD_STATES_; i++) {
        assert_int_equal(card_state_parse(card_state_name((enum card_state)i), &got, NULL), 0);
        assert_int_equal(got, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serials_and_counters_have_their_form),
        cmocka_unit_test(cards_end_on_the_tenth_birthday_or_the_fifth_under_18),
        cmocka_unit_test(a_card_ends_with_a_stay_that_is_shorter),
        cmocka_unit_test(the_next_card_is_made_by_the_kind_of_cards),
        cmocka_unit_test(states_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
