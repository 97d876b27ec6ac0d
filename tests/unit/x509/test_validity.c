/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/validity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NO_LIMIT_YEAR = 2099 };

static int64_t jst(int year, int month, int day, int hour, int minute, int second)
{
    return caltime_utc((struct caltime){{year, month, day}, hour, minute, second},
                       JST_OFFSET_SECONDS);
}

static struct validity issued_on(struct caldate birth, struct caldate day)
{
    return (struct validity){
        .birth = birth,
        .issued = jst(day.year, day.month, day.day, 12, 0, 0),
        .card_expiry = jst(NO_LIMIT_YEAR, 1, 1, 0, 0, 0),
    };
}

static void an_expired_card_gets_no_certificate(void **state)
{
    struct validity validity = issued_on((struct caldate){1990, 2, 17},
                                         (struct caldate){2026, 11, 23});
    int64_t end = 7;

    (void)state;
    validity.card_expiry = validity.issued;
    assert_int_equal(validity_not_after(&validity, &end, NULL), -ERR_CONFLICT);
    assert_int_equal(end, 7);
}

static void a_birth_date_that_is_none_is_refused(void **state)
{
    struct validity validity = issued_on((struct caldate){1990, 2, 30},
                                         (struct caldate){2026, 11, 23});
    int64_t end = 7;

    (void)state;
    assert_int_equal(validity_not_after(&validity, &end, NULL), -ERR_USAGE);
    assert_int_equal(end, 7);
}

/* pki.md 1.3; the first row is a test card that was seen. */
static void the_end_is_the_fifth_birthday_after_the_day_of_issue(void **state)
{
    static const struct {
        struct caldate birth, issued, end;
    } rows[] = {
        {{1990, 2, 17}, {2025, 10, 27}, {2030, 2, 17}},
        {{1990, 2, 17}, {2026, 2, 16}, {2030, 2, 17}},  /* the day before a birthday */
        {{1990, 2, 17}, {2026, 2, 17}, {2031, 2, 17}},  /* on it: that one does not count */
        {{1990, 2, 17}, {2026, 2, 18}, {2031, 2, 17}},  /* the day after */
        {{1990, 12, 31}, {2026, 1, 1}, {2030, 12, 31}}, /* the ends of the year */
        {{1990, 1, 1}, {2026, 12, 31}, {2031, 1, 1}},   /* */
        {{2000, 2, 29}, {2026, 11, 23}, {2031, 2, 28}}, /* Civil Code, art. 143 (2) */
        {{2000, 2, 29}, {2027, 11, 23}, {2032, 2, 29}}, /* a leap year has the day */
        {{2000, 2, 29}, {2026, 2, 27}, {2030, 2, 28}},  /* before the 28th of a common year */
        {{2000, 2, 29}, {2026, 2, 28}, {2031, 2, 28}},  /* on it */
        {{2000, 2, 29}, {2028, 2, 28}, {2032, 2, 29}},  /* before the 29th of a leap year */
        {{2000, 2, 29}, {2028, 2, 29}, {2033, 2, 28}},  /* on it */
        {{2000, 3, 1}, {2028, 2, 29}, {2032, 3, 1}},    /* the day after is another person's */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct validity validity = issued_on(rows[i].birth, rows[i].issued);
        struct caldate e = rows[i].end;
        int64_t end = 0;

        assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
        assert_int_equal(end, jst(e.year, e.month, e.day, 23, 59, 59));
    }
}

static void days_change_at_midnight_in_japan(void **state)
{
    struct validity validity = issued_on((struct caldate){1990, 2, 17},
                                         (struct caldate){2026, 2, 17});
    int64_t end = 0;

    (void)state;
    validity.issued = jst(2026, 2, 16, 23, 59, 59);
    assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
    assert_int_equal(end, jst(2030, 2, 17, 23, 59, 59));
    validity.issued++; /* still the 16th in UTC */
    assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
    assert_int_equal(end, jst(2031, 2, 17, 23, 59, 59));
}

static void the_card_ends_the_certificate_with_it(void **state)
{
    struct validity validity = issued_on((struct caldate){1990, 2, 17},
                                         (struct caldate){2025, 10, 27});
    int64_t end = 0;

    (void)state;
    validity.card_expiry = jst(2028, 2, 17, 23, 59, 59);
    assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
    assert_int_equal(end, validity.card_expiry);
    validity.card_expiry = jst(2030, 2, 18, 0, 0, 0);
    assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
    assert_int_equal(end, jst(2030, 2, 17, 23, 59, 59));
}

/* pki.md 4, renewal */
static void renewal_in_the_last_three_months_gives_the_sixth_birthday(void **state)
{
    static const struct {
        struct caldate issued;
        int end_year;
    } rows[] = {
        {{2029, 11, 16}, 2034}, /* a day too early: an ordinary issue */
        {{2029, 11, 17}, 2035}, /* the first day */
        {{2030, 2, 16}, 2035},  /* the last but one */
        {{2030, 2, 17}, 2035},  /* on the birthday, which does not count any more */
        {{2030, 2, 18}, 2035},  /* expired: an ordinary issue */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct validity validity = issued_on((struct caldate){1990, 2, 17}, rows[i].issued);
        int64_t end = 0;

        validity.old_not_after = jst(2030, 2, 17, 23, 59, 59);
        assert_int_equal(validity_not_after(&validity, &end, NULL), 0);
        assert_int_equal(end, jst(rows[i].end_year, 2, 17, 23, 59, 59));
    }
}

static void three_months_before_a_day_that_is_not_there_is_the_last_of_the_month(void **state)
{
    (void)state;
    assert_int_equal(validity_renewal_opens(jst(2030, 5, 31, 23, 59, 59)),
                     jst(2030, 2, 28, 0, 0, 0));
    assert_int_equal(validity_renewal_opens(jst(2032, 5, 30, 23, 59, 59)),
                     jst(2032, 2, 29, 0, 0, 0));
    assert_int_equal(validity_renewal_opens(jst(2030, 1, 1, 23, 59, 59)),
                     jst(2029, 10, 1, 0, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expired_card_gets_no_certificate),
        cmocka_unit_test(a_birth_date_that_is_none_is_refused),
        cmocka_unit_test(the_end_is_the_fifth_birthday_after_the_day_of_issue),
        cmocka_unit_test(days_change_at_midnight_in_japan),
        cmocka_unit_test(the_card_ends_the_certificate_with_it),
        cmocka_unit_test(renewal_in_the_last_three_months_gives_the_sixth_birthday),
        cmocka_unit_test(three_months_before_a_day_that_is_not_there_is_the_last_of_the_month),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
