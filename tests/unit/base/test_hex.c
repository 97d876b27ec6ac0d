/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void anything_but_pairs_of_digits_is_refused(void **state)
{
    static const char *const wrong[] = {"a", "0g", "g0", "0x", " 0", "00 "};
    struct buf out = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hex_decode(wrong[i], &out, NULL), -ERR_INPUT);
        assert_null(out.ptr);
    }
}

static void the_position_of_the_fault_is_named(void **state)
{
    struct buf out = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(hex_decode("00x0", &out, &err), -ERR_INPUT);
    assert_string_equal(err.text, "not a hexadecimal digit at position 2");
}

static void all_bytes_survive_the_way_there_and_back(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    uint8_t all[256];
    const char *digits;

    (void)state;
    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    assert_int_equal(hex_append(&text, BYTES_ARRAY(all), NULL), 0);
    assert_int_equal(buf_text(&text, &digits, NULL), 0);
    assert_int_equal(hex_decode(digits, &back, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&back), BYTES_ARRAY(all)));
    assert_int_equal(hex_digit('F'), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anything_but_pairs_of_digits_is_refused),
        cmocka_unit_test(the_position_of_the_fault_is_named),
        cmocka_unit_test(all_bytes_survive_the_way_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
