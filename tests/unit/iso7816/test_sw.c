/* SPDX-License-Identifier: Apache-2.0 */
#include "iso7816/sw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void other_warnings_are_no_counter(void **state)
{
    unsigned tries = 99;

    (void)state;
    assert_false(sw_tries_left(SW_NO_COUNTER, &tries));
    assert_false(sw_tries_left(SW_OK, &tries));
    assert_false(sw_tries_left(0x63bf, &tries));
    assert_false(sw_tries_left(0x63d0, &tries));
    assert_int_equal(tries, 99);
}

static void the_counter_is_the_low_half_byte(void **state)
{
    (void)state;
    for (unsigned tries = 0; tries <= 15; tries++) {
        unsigned back;

        assert_true(sw_tries_left(sw_with_tries(tries), &back));
        assert_int_equal(back, tries);
    }
    assert_int_equal(sw_with_tries(16), 0x63cf);
}

static void three_words_mean_blocked(void **state)
{
    unsigned blocked = 0;

    (void)state;
    for (unsigned sw = 0; sw <= 0xffff; sw++)
        blocked += sw_is_blocked((uint16_t)sw);
    assert_int_equal(blocked, 3);
    assert_true(sw_is_blocked(0x63c0));
    assert_true(sw_is_blocked(0x6983));
    assert_true(sw_is_blocked(0x6984));
}

static void every_word_has_a_meaning(void **state)
{
    (void)state;
    for (unsigned sw = 0; sw <= 0xffff; sw++)
        assert_non_null(sw_meaning((uint16_t)sw));
    assert_string_equal(sw_meaning(0x9000), "done");
    assert_string_equal(sw_meaning(0x6a82), "no such file or application on the card");
    assert_string_equal(sw_meaning(0x63c1), "not verified; one try is left");
    assert_string_equal(sw_meaning(0x1234), "an answer that is not described");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_warnings_are_no_counter),
        cmocka_unit_test(the_counter_is_the_low_half_byte),
        cmocka_unit_test(three_words_mean_blocked),
        cmocka_unit_test(every_word_has_a_meaning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
