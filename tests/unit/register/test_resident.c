/* SPDX-License-Identifier: Apache-2.0 */
#include "register/resident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct caldate today = {2026, 11, 23};
static struct municipalities *list;

static struct resident somebody(void)
{
    struct resident r = {
        .name = "試験　太郎",
        .address = "兵庫県神戸市中央区試験町一丁目１番１号",
        .birth = {1980, 2, 17},
        .sex = SEX_MALE,
        .municipality = "28100",
    };

    return r;
}

static void assert_refused(const struct resident *r, const char *words)
{
    struct resident copy = *r;
    struct err err = {0};

    assert_int_equal(resident_check(&copy, list, today, &err), -ERR_INPUT);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void assert_name_refused(const char *name, const char *words)
{
    struct resident r = somebody();

    strcpy(r.name, name);
    assert_refused(&r, words);
}

static void names_that_cannot_be_written_are_refused(void **state)
{
    (void)state;
    assert_name_refused("", "empty");
    assert_name_refused("\xe8\xa9", "UTF-8");
    assert_name_refused("試験\n太郎", "prints nothing");
    assert_name_refused("試験\xe2\x80\xae太郎", "prints nothing"); /* right-to-left override */
    assert_name_refused("試験\xef\xbb\xbf太郎", "prints nothing"); /* byte order mark */
    assert_name_refused("試験\xee\x80\x80", "prints nothing");     /* private use */
    assert_name_refused("　試験", "begins with a space");
    assert_name_refused("試験　", "ends with a space");
    assert_name_refused("試験　 太郎", "two in a row");
}

static void fill(char *text, size_t characters, const char *start)
{
    strcpy(text, start);
    for (size_t i = strlen(start) / 3; i < characters; i++)
        strcat(text, "亜");
}

static void a_name_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    struct resident r = somebody();
    char name[NAME_BYTES_MAX + 8];

    (void)state;
    fill(name, HOLDER_NAME_MAX, "");
    strcpy(r.name, name);
    assert_int_equal(resident_check(&r, list, today, NULL), 0);
    assert_int_equal(strlen(r.name_substitutes), HOLDER_NAME_MAX);
    r = somebody();
    fill(name, HOLDER_NAME_MAX + 1, "");
    strcpy(r.name, name);
    assert_refused(&r, "longer than 100");
}

static void an_address_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    struct resident r = somebody();

    (void)state;
    fill(r.address, HOLDER_ADDRESS_MAX, "兵庫県");
    assert_int_equal(resident_check(&r, list, today, NULL), 0);
    assert_int_equal(strlen(r.address_substitutes), HOLDER_ADDRESS_MAX);
    r = somebody();
    fill(r.address, HOLDER_ADDRESS_MAX + 1, "兵庫県");
    assert_refused(&r, "longer than 200");
}

static void dates_sexes_and_places_that_cannot_be_are_refused(void **state)
{
    struct resident r = somebody();

    (void)state;
    r.birth = (struct caldate){2025, 2, 29};
    assert_refused(&r, "birth_date");
    r.birth = (struct caldate){1868, 1, 24};
    assert_refused(&r, "birth_date");
    r.birth = (struct caldate){2026, 11, 24};
    assert_refused(&r, "future");
    r = somebody();
    r.sex = (enum sex)0;
    assert_refused(&r, "sex");
    r.sex = (enum sex)4;
    assert_refused(&r, "sex");
    r = somebody();
    strcpy(r.municipality, "28101");
    assert_refused(&r, "28101");
    strcpy(r.municipality, "13101");
    assert_refused(&r, "prefecture");
}

static void substitutes_are_one_digit_per_character(void **state)
{
    struct resident r = somebody();

    (void)state;
    strcpy(r.name_substitutes, "0100");
    assert_refused(&r, "name_substitutes");
    strcpy(r.name_substitutes, "01002");
    assert_refused(&r, "name_substitutes");
    strcpy(r.name_substitutes, "01000");
    strcpy(r.address_substitutes, "0");
    assert_refused(&r, "address_substitutes");
    r.address_substitutes[0] = '\0';
    assert_int_equal(resident_check(&r, list, today, NULL), 0);
    assert_string_equal(r.name_substitutes, "01000");
    assert_string_equal(r.address_substitutes, "0000000000000000000");
    assert_int_equal(strlen(r.address_substitutes), 19);
}

static void characters_that_certificates_cannot_carry_need_a_substitute(void **state)
{
    struct resident r = somebody();

    (void)state;
    strcpy(r.name, "髙橋　太郎");
    assert_refused(&r, "name has at position 1 ");
    r = somebody();
    strcpy(r.address, "兵庫県神戸市中央区髙");
    assert_refused(&r, "address has at position 10 ");
    r = somebody();
    strcpy(r.name, "高橋　太郎");
    strcpy(r.registered_name, "髙橋　太郎");
    assert_int_equal(resident_check(&r, list, today, NULL), 0);
    assert_string_equal(r.name_substitutes, "10000");
    strcpy(r.name_substitutes, "00000");
    assert_refused(&r, "registered_name");
    strcpy(r.registered_name, "髙橋太郎");
    assert_refused(&r, "as many characters");
}

static void furigana_is_katakana(void **state)
{
    struct resident r = somebody();

    (void)state;
    strcpy(r.kana, "しけん　タロウ");
    assert_refused(&r, "katakana");
    strcpy(r.kana, "シケン　タロー");
    strcpy(r.former_name, "髙橋");
    assert_int_equal(resident_check(&r, list, today, NULL), 0);
    r.former_name[0] = ' ';
    assert_refused(&r, "former_name");
}

static void a_sign_certificate_begins_at_fifteen(void **state)
{
    (void)state;
    assert_int_equal(sign_age_check((struct caldate){2011, 11, 24}, today, NULL), -ERR_DENIED);
    assert_int_equal(sign_age_check((struct caldate){2011, 11, 23}, today, NULL), 0);
    assert_int_equal(sign_age_check((struct caldate){2026, 11, 23}, today, NULL), -ERR_DENIED);
}

static void standings_and_sexes_are_known_by_name(void **state)
{
    enum standing standing;
    enum sex sex;

    (void)state;
    assert_int_equal(standing_parse("gone", &standing, NULL), -ERR_SYSTEM);
    for (unsigned i = 0; i < STANDINGS_; i++) {
        assert_int_equal(standing_parse(standing_name((enum standing)i), &standing, NULL), 0);
        assert_int_equal(standing, i);
    }
    assert_int_equal(sex_parse("", &sex, NULL), -ERR_INPUT);
    for (unsigned i = SEX_MALE; i <= SEX_UNKNOWN; i++) {
        assert_int_equal(sex_parse(sex_name((enum sex)i), &sex, NULL), 0);
        assert_int_equal(sex, i);
    }
}

static int load(void **state)
{
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/openjpki/municipalities.tsv", getenv("JPKI_TEST_SHARE"));
    return municipalities_load(path, &list, NULL);
}

static int release(void **state)
{
    (void)state;
    municipalities_freep(&list);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_cannot_be_written_are_refused),
        cmocka_unit_test(a_name_at_the_limit_is_taken_and_one_past_it_refused),
        cmocka_unit_test(an_address_at_the_limit_is_taken_and_one_past_it_refused),
        cmocka_unit_test(dates_sexes_and_places_that_cannot_be_are_refused),
        cmocka_unit_test(substitutes_are_one_digit_per_character),
        cmocka_unit_test(characters_that_certificates_cannot_carry_need_a_substitute),
        cmocka_unit_test(furigana_is_katakana),
        cmocka_unit_test(a_sign_certificate_begins_at_fifteen),
        cmocka_unit_test(standings_and_sexes_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, load, release);
}
