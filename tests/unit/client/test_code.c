/* SPDX-License-Identifier: Apache-2.0 */
/* Codes from what people know (card.md 3.4). Nobody of these exists. */
#include "client/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef int from_fn(struct secret *typed, struct err *err);

/* code NULL: refused. */
static void assert_becomes(from_fn *from, const char *typed, const char *code)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    struct err err = {.text = ""};

    assert_int_equal(secret_copy(bytes_text(typed), &secret, NULL), 0);
    if (code == NULL) {
        assert_int_equal(from(&secret, &err), -ERR_INPUT);
        assert_null(strstr(err.text, typed));
        return;
    }
    assert_int_equal(from(&secret, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&secret), bytes_text(code)));
}

static void days_before_this_calendar_have_no_era(void **state)
{
    int year = 99;

    (void)state;
    assert_int_equal(code_era_year((struct caldate){1872, 12, 31}, &year, NULL), -ERR_INPUT);
    assert_int_equal(code_era_year((struct caldate){2023, 2, 29}, &year, NULL), -ERR_INPUT);
    assert_int_equal(year, 99);
}

/* The last day of each era and the first of the next. */
static void an_era_begins_on_its_first_day(void **state)
{
    static const struct {
        struct caldate day;
        int year;
    } rows[] = {
        {{1873, 1, 1}, 6},   {{1912, 7, 29}, 45}, {{1912, 7, 30}, 1}, {{1926, 12, 24}, 15},
        {{1926, 12, 25}, 1}, {{1927, 1, 1}, 2},   {{1989, 1, 7}, 64}, {{1989, 1, 8}, 1},
        {{2019, 4, 30}, 31}, {{2019, 5, 1}, 1},   {{2020, 1, 1}, 2},  {{1980, 2, 17}, 55},
        {{1990, 4, 15}, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int year = 0;

        assert_int_equal(code_era_year(rows[i].day, &year, NULL), 0);
        assert_int_equal(year, rows[i].year);
    }
}

static void what_is_no_individual_number_is_refused(void **state)
{
    (void)state;
    assert_becomes(code_a_from, "123456789017", NULL); /* the check digit */
    assert_becomes(code_a_from, "213456789018", NULL); /* two digits changed places */
    assert_becomes(code_a_from, "12345678901", NULL);
    assert_becomes(code_a_from, "1234567890180", NULL);
    assert_becomes(code_a_from, "12345678901a", NULL);
    assert_becomes(code_a_from, "----", NULL);
}

/* Ministry ordinance 85 of 2014: a remainder of 0 or 1 gives the digit 0. */
static void individual_numbers_are_taken_as_people_write_them(void **state)
{
    (void)state;
    assert_becomes(code_a_from, "123456789018", "123456789018");
    assert_becomes(code_a_from, "1234 5678 9018", "123456789018");
    assert_becomes(code_a_from, "1234-5678-9018", "123456789018");
    assert_becomes(code_a_from, "900000000015", "900000000015"); /* of nobody: five off */
    assert_becomes(code_a_from, "000000000000", "000000000000");
    assert_becomes(code_a_from, "000000000060", "000000000060"); /* 6 times 2 leaves 1 */
}

static void what_is_no_date_of_birth_is_refused(void **state)
{
    (void)state;
    assert_becomes(code_birth_from, "1990-02-30", NULL);
    assert_becomes(code_birth_from, "1872-12-31", NULL);
    assert_becomes(code_birth_from, "021301", NULL);
    assert_becomes(code_birth_from, "020432", NULL);
    assert_becomes(code_birth_from, "000415", NULL); /* no era has a year 0 */
    assert_becomes(code_birth_from, "1990415", NULL);
    assert_becomes(code_birth_from, "1990/04/15", NULL);
    assert_becomes(code_birth_from, "199004150", NULL);
    assert_becomes(code_birth_from, "-", NULL);
}

static void a_date_of_birth_becomes_that_of_its_era(void **state)
{
    (void)state;
    assert_becomes(code_birth_from, "1990-04-15", "020415");
    assert_becomes(code_birth_from, "19900415", "020415");
    assert_becomes(code_birth_from, "1989-01-07", "640107");
    assert_becomes(code_birth_from, "1989-01-08", "010108");
    assert_becomes(code_birth_from, "020415", "020415");
    assert_becomes(code_birth_from, "2024-02-29", "060229");
    assert_becomes(code_birth_from, "060229", "060229");
}

static void what_is_no_code_b_is_refused(void **state)
{
    (void)state;
    assert_becomes(code_b_from, "1980-02-17 2035 228", NULL);
    assert_becomes(code_b_from, "1980-02-17 2035 22855", NULL);
    assert_becomes(code_b_from, "1980-02-17 2035", NULL);
    assert_becomes(code_b_from, "1980-02-30 2035 2285", NULL);
    assert_becomes(code_b_from, "55023120352285", NULL);
    assert_becomes(code_b_from, "5502172035228x", NULL);
    assert_becomes(code_b_from, "S55-02-17 2035 2285", NULL);
}

/* The example of card.md 3.4: 17 February of Showa 55, 2035, 2285. */
static void code_b_is_made_of_three_things_that_people_can_read(void **state)
{
    (void)state;
    assert_becomes(code_b_from, "1980-02-17 2035 2285", "55021720352285");
    assert_becomes(code_b_from, "1980021720352285", "55021720352285");
    assert_becomes(code_b_from, "55021720352285", "55021720352285");
    assert_becomes(code_b_from, "55-02-17 2035 2285", "55021720352285");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_before_this_calendar_have_no_era),
        cmocka_unit_test(an_era_begins_on_its_first_day),
        cmocka_unit_test(what_is_no_individual_number_is_refused),
        cmocka_unit_test(individual_numbers_are_taken_as_people_write_them),
        cmocka_unit_test(what_is_no_date_of_birth_is_refused),
        cmocka_unit_test(a_date_of_birth_becomes_that_of_its_era),
        cmocka_unit_test(what_is_no_code_b_is_refused),
        cmocka_unit_test(code_b_is_made_of_three_things_that_people_can_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
