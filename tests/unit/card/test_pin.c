/* SPDX-License-Identifier: Apache-2.0 */
#include "card/pin.h"

#include "card/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* card.md 5 */
static void auth_pins_are_four_digits(void **state)
{
    static const char *const wrong[] = {"", "123", "12345", "12a4", "12 4", "/234", ":234"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(pin_is_four_digits(bytes_text(wrong[i])));
    assert_true(pin_is_four_digits(bytes_text("0000")));
    assert_true(pin_is_four_digits(bytes_text("9876")));
}

static void sign_passwords_are_upper_case_with_letter_and_digit(void **state)
{
    static const char *const wrong[] = {
        "", "ABC12", "ABCDEF1234567890X", "abc123", "ABCDEF", "123456", "ABC 12", "ABC12-",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(pin_is_sign_password(bytes_text(wrong[i])));
    assert_true(pin_is_sign_password(bytes_text("ABC123")));
    assert_true(pin_is_sign_password(bytes_text("ABCDEF1234567890")));
    assert_true(pin_is_sign_password(bytes_text("00000Z")));
}

static void what_cannot_be_a_pin_makes_no_verifier(void **state)
{
    static const char text[] = "12345678901234567";
    struct pin_verifier verifier;

    (void)state;
    assert_int_equal(strlen(text), CARD_PIN_MAX + 1);
    assert_int_equal(pin_verifier_make(bytes_text(""), &verifier, NULL), -ERR_INPUT);
    assert_int_equal(pin_verifier_make(bytes_text(text), &verifier, NULL), -ERR_INPUT);
    assert_int_equal(pin_verifier_make(bytes_text(text + 1), &verifier, NULL), 0);
}

static void only_the_same_pin_matches(void **state)
{
    struct pin_verifier verifier = {.is_set = false};
    struct pin_verifier other;

    (void)state;
    assert_int_equal(pin_check(&verifier, bytes_text("1234"), NULL), -ERR_DENIED);
    assert_int_equal(pin_verifier_make(bytes_text("1234"), &verifier, NULL), 0);
    assert_int_equal(pin_verifier_make(bytes_text("1234"), &other, NULL), 0);
    assert_memory_not_equal(verifier.hash, other.hash, PIN_HASH_SIZE);
    assert_int_equal(pin_check(&verifier, bytes_text("1235"), NULL), -ERR_DENIED);
    assert_int_equal(pin_check(&verifier, bytes_text("123"), NULL), -ERR_DENIED);
    assert_int_equal(pin_check(&verifier, bytes_text("12345"), NULL), -ERR_DENIED);
    assert_int_equal(pin_check(&verifier, bytes_text(""), NULL), -ERR_INPUT);
    assert_int_equal(pin_check(&verifier, bytes_text("12345678901234567"), NULL), -ERR_INPUT);
    assert_int_equal(pin_check(&verifier, bytes_text("1234"), NULL), 0);
    assert_int_equal(pin_check(&other, bytes_text("1234"), NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auth_pins_are_four_digits),
        cmocka_unit_test(sign_passwords_are_upper_case_with_letter_and_digit),
        cmocka_unit_test(what_cannot_be_a_pin_makes_no_verifier),
        cmocka_unit_test(only_the_same_pin_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
