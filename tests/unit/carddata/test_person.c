/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/limits.h"
#include "carddata/person.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct cardholder good(void)
{
    return (struct cardholder){
        .name = bytes_text("番号　花子"),
        .address = bytes_text("東京都千代田区見本町"),
        .birth = {1980, 2, 17},
        .sex = CARDHOLDER_FEMALE,
        .mynumber = bytes_text("123456789018"),
        .expiry = {2035, 2, 17},
        .security_code = bytes_text("2285"),
        .municipality = bytes_text("13101"),
        .manufacture_number = bytes_text("900000000000018"),
    };
}

/* The failure names the member and nothing of what is in it. */
static void assert_refused(struct cardholder holder, const char *member)
{
    struct err err = {.kind = ERR_NONE};

    assert_int_equal(cardholder_check(&holder, &err), -ERR_INPUT);
    assert_ptr_equal(strstr(err.text, member), err.text);
    assert_null(strstr(err.text, "1234"));
}

static void digits_of_another_form_are_refused(void **state)
{
    static const struct {
        size_t offset;
        const char *member, *few, *many, *letters;
    } rows[] = {
        {offsetof(struct cardholder, mynumber), "mynumber", "12345678901", "1234567890188",
         "12345678901x"},
        {offsetof(struct cardholder, security_code), "security_code", "123", "12345", "123a"},
        {offsetof(struct cardholder, municipality), "municipality", "1310", "131011", "1310 "},
        {offsetof(struct cardholder, manufacture_number), "manufacture_number", "12340000000000",
         "1234000000000000", "12340000000000-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const bad[] = {"", rows[i].few, rows[i].many, rows[i].letters};

        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            struct cardholder holder = good();
            struct bytes text = bytes_text(bad[j]);

            memcpy((char *)&holder + rows[i].offset, &text, sizeof text);
            assert_refused(holder, rows[i].member);
        }
    }
}

static void texts_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"", "番号\n花子", "\x7f", "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cardholder holder = good();

        holder.name = bytes_text(bad[i]);
        assert_refused(holder, "name");
        holder = good();
        holder.address = bytes_text(bad[i]);
        assert_refused(holder, "address");
    }
}

static void dates_and_sexes_that_are_none_are_refused(void **state)
{
    struct cardholder holder = good();

    (void)state;
    holder.birth = (struct caldate){1990, 2, 30};
    assert_refused(holder, "birth");
    holder.birth = (struct caldate){1867, 12, 31};
    assert_refused(holder, "birth");
    holder = good();
    holder.expiry = (struct caldate){2035, 13, 1};
    assert_refused(holder, "expiry");
    holder = good();
    holder.sex = (enum cardholder_sex)'3';
    assert_refused(holder, "sex");
}

/* count times a character of three bytes */
static struct bytes repeated(char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy(text + 3 * i, "本", 3);
    return bytes_of(text, 3 * count);
}

static void names_and_addresses_may_be_so_long(void **state)
{
    char text[3 * (CARDDATA_ADDRESS_MAX + 1)];
    struct cardholder holder = good();

    (void)state;
    holder.name = repeated(text, CARDDATA_NAME_MAX);
    assert_int_equal(cardholder_check(&holder, NULL), 0);
    holder.name = repeated(text, CARDDATA_NAME_MAX + 1);
    assert_refused(holder, "name");
    holder = good();
    holder.address = repeated(text, CARDDATA_ADDRESS_MAX);
    assert_int_equal(cardholder_check(&holder, NULL), 0);
    holder.address = repeated(text, CARDDATA_ADDRESS_MAX + 1);
    assert_refused(holder, "address");
}

static void a_photo_may_be_so_large(void **state)
{
    static const uint8_t photo[CARDDATA_PHOTO_MAX + 1];
    struct cardholder holder = good();

    (void)state;
    holder.photo = bytes_of(photo, CARDDATA_PHOTO_MAX);
    assert_int_equal(cardholder_check(&holder, NULL), 0);
    holder.photo = BYTES_ARRAY(photo);
    assert_refused(holder, "photo");
}

static void assert_code_b(struct caldate birth, const char *expected)
{
    struct cardholder holder = good();
    char code[CARDHOLDER_CODE_B_SIZE + 1];
    char first[CARDHOLDER_CODE_BIRTH_SIZE + 1];

    holder.birth = birth;
    assert_int_equal(cardholder_code_b(&holder, code, NULL), 0);
    assert_string_equal(code, expected);
    assert_int_equal(cardholder_code_birth(&holder, first, NULL), 0);
    assert_int_equal(strlen(first), CARDHOLDER_CODE_BIRTH_SIZE);
    assert_ptr_equal(strstr(expected, first), expected);
}

/* The first row is the example of card.md 3.4. */
static void code_b_counts_years_in_the_era_of_birth(void **state)
{
    (void)state;
    assert_code_b((struct caldate){1980, 2, 17}, "55021720352285");
    assert_code_b((struct caldate){2019, 5, 1}, "01050120352285");
    assert_code_b((struct caldate){2019, 4, 30}, "31043020352285");
    assert_code_b((struct caldate){1989, 1, 8}, "01010820352285");
    assert_code_b((struct caldate){1989, 1, 7}, "64010720352285");
    assert_code_b((struct caldate){1926, 12, 25}, "01122520352285");
    assert_code_b((struct caldate){1926, 12, 24}, "15122420352285");
    assert_code_b((struct caldate){1912, 7, 29}, "45072920352285");
}

static void no_code_follows_from_a_malformed_security_code(void **state)
{
    struct cardholder holder = good();
    char code[CARDHOLDER_CODE_B_SIZE + 1] = "x";

    (void)state;
    holder.security_code = bytes_text("228");
    assert_int_equal(cardholder_code_b(&holder, code, NULL), -ERR_INPUT);
    assert_int_equal(cardholder_code_birth(&holder, code, NULL), -ERR_INPUT);
    assert_string_equal(code, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_of_another_form_are_refused),
        cmocka_unit_test(texts_that_are_none_are_refused),
        cmocka_unit_test(dates_and_sexes_that_are_none_are_refused),
        cmocka_unit_test(names_and_addresses_may_be_so_long),
        cmocka_unit_test(a_photo_may_be_so_large),
        cmocka_unit_test(code_b_counts_years_in_the_era_of_birth),
        cmocka_unit_test(no_code_follows_from_a_malformed_security_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
