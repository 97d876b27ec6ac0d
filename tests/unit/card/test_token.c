/* SPDX-License-Identifier: Apache-2.0 */
#include "card/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct token_info example = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFT01",
                                          "0000000020500003"};

static void assert_refused(struct token_info info)
{
    uint8_t token[TOKEN_SIZE] = {0x47};

    assert_int_equal(token_build(&info, token, NULL), -ERR_INPUT);
    assert_int_equal(token[0], 0x47);
}

static void fields_that_do_not_fit_are_refused(void **state)
{
    struct token_info info = example;

    (void)state;
    info.label = "123456789012345678901234567890123"; /* 33 */
    assert_refused(info);
    info.label = "";
    assert_refused(info);
    info.label = "JPKI\tTOKEN";
    assert_refused(info);
    info = example;
    info.manufacturer = "123456789012345678901234567890123";
    assert_refused(info);
    info = example;
    info.model = "12345678901234567"; /* 17 */
    assert_refused(info);
    info = example;
    info.serial = "\xe5\x8f\xb7";
    assert_refused(info);
}

/* card.md 3.1: offsets and values of EF 0006. */
static void the_fields_are_where_real_cards_have_them(void **state)
{
    static const uint8_t numbers[] = {0, 0, 4, 0x0d, 0, 0, 0, 1, 0, 0,  0, 0, 0, 0,
                                      0, 1, 0, 0,    0, 0, 0, 0, 0, 16, 0, 0, 0, 6};
    uint8_t token[TOKEN_SIZE];

    (void)state;
    assert_int_equal(token_build(&example, token, NULL), 0);
    assert_memory_equal(token, "JPKIAPICCTOKEN2                 ", 32);
    assert_memory_equal(token + 32, "OpenJPKI TEST                   ", 32);
    assert_memory_equal(token + 64, "SOFT01          ", 16);
    assert_memory_equal(token + 80, "0000000020500003", 16);
    assert_memory_equal(token + 96, numbers, sizeof numbers);
    for (size_t i = 124; i < 140; i++)
        assert_int_equal(token[i], 0xff);
    assert_memory_equal(token + 140, "0301", 4);
    assert_memory_equal(token + 144, "9999999999999999", 16);
}

static void presence_is_one_byte_per_certificate(void **state)
{
    uint8_t presence[PRESENCE_SIZE];

    (void)state;
    presence_build(true, true, presence);
    assert_memory_equal(presence, "\x8f\x8f\x00", 3);
    presence_build(false, true, presence);
    assert_memory_equal(presence, "\x00\x8f\x00", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_that_do_not_fit_are_refused),
        cmocka_unit_test(the_fields_are_where_real_cards_have_them),
        cmocka_unit_test(presence_is_one_byte_per_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
