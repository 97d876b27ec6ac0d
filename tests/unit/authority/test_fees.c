/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/usage/fees.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fees fees;

static int parse(const char *text)
{
    return fees_parse(bytes_text(text), FEE_OBSERVED, &fees, NULL);
}

static int64_t price(enum usage_item item, int year, int month, int day)
{
    int64_t yen;

    return fees_price(&fees, item, (struct caldate){year, month, day}, &yen, NULL) < 0 ? -1 : yen;
}

static void what_is_no_table_is_refused(void **state)
{
    static const char *const tables[] = {
        "sign-check\t2020-01-01\t-\t20\tlaw",         /* no line feed */
        "sign-check\t2020-01-01\t-\t20\tlaw\n",       /* a column is missing */
        "sign-check\t2020-01-01\t-\t20\tlaw\tx\ty\n", /* one too many */
        "token-check\t2020-01-01\t-\t20\tlaw\tx\n",   /* no item */
        "sign-check\t2020-02-30\t-\t20\tlaw\tx\n",    /* no day */
        "sign-check\t2020-01-02\t2020-01-01\t1\tlaw\tx\n",
        "sign-check\t2020-01-01\t-\t-1\tlaw\tx\n",
        "sign-check\t2020-01-01\t-\t1000000000\tlaw\tx\n",
        "sign-check\t2020-01-01\t-\t20\trumour\tx\n",
    };
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        assert_int_equal(parse(tables[i]), -ERR_INPUT);
    assert_int_equal(fees_parse(bytes_of("a\0\n", 3), FEE_LAW, &fees, NULL), -ERR_INPUT);
    assert_int_equal(fees_parse(bytes_text("#\nsign-check\n"), FEE_LAW, &fees, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "line 2"));
    assert_int_equal(parse(""), 0);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2026, 1, 1), -1);
}

static void rows_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    for (int i = 0; i < FEES_MAX; i++)
        assert_int_equal(
            buf_append_format(&text, NULL, "sign-check\t2020-01-01\t-\t%d\tlaw\tx\n", i), 0);
    assert_int_equal(fees_parse(buf_bytes(&text), FEE_LAW, &fees, NULL), 0);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2020, 1, 1), FEES_MAX - 1); /* the last one counts */
    assert_int_equal(buf_append_text(&text, "sign-check\t2020-01-01\t-\t1\tlaw\tx\n", NULL), 0);
    assert_int_equal(fees_parse(buf_bytes(&text), FEE_LAW, &fees, NULL), -ERR_INPUT);
}

static void a_file_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    (void)tempdir_file(&dir, "fees", path);
    while (text.len < FEES_FILE_MAX - 1)
        assert_int_equal(buf_append_byte(&text, '#', NULL), 0);
    assert_int_equal(buf_append_byte(&text, '\n', NULL), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&text), NULL), 0);
    assert_int_equal(fees_load(path, FEE_LAW, &fees, NULL), 0);
    assert_int_equal(buf_append_byte(&text, '\n', NULL), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&text), NULL), 0);
    assert_int_equal(fees_load(path, FEE_LAW, &fees, NULL), -ERR_INPUT);
}

static void the_last_row_that_covers_a_day_counts(void **state)
{
    (void)state;
    assert_int_equal(parse("auth-check\t2016-01-01\t-\t2\tlaw\tx\n"
                           "auth-check\t2023-01-01\t2025-12-31\t0\tannounced\tx\n"),
                     0);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2015, 12, 31), -1);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2016, 1, 1), 2);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2022, 12, 31), 2);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2023, 1, 1), 0);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2025, 12, 31), 0);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2026, 1, 1), 2);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2026, 1, 1), -1);
}

static void load(enum fee_basis up_to)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/openjpki/fees.tsv", getenv("JPKI_TEST_SHARE"));
    assert_int_equal(fees_load(path, up_to, &fees, NULL), 0);
}

/* pki.md 6 and 12, by what is believed of the waivers. */
static void the_table_that_comes_along_has_both_dates(void **state)
{
    enum fee_basis basis;

    (void)state;
    load(FEE_LAW);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2024, 6, 1), 20);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2024, 6, 1), 2);
    load(FEE_ANNOUNCED);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2022, 12, 31), 20);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2023, 1, 1), 0);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2025, 12, 31), 0);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2026, 1, 1), 20);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2026, 1, 1), 2);
    assert_int_equal(price(USAGE_SIGN_LIST, 2040, 1, 1), 0);
    load(FEE_OBSERVED);
    assert_int_equal(price(USAGE_SIGN_CHECK, 2026, 11, 25), 0);
    assert_int_equal(price(USAGE_AUTH_CHECK, 2026, 11, 25), 0);
    assert_int_equal(price(USAGE_ATTRIBUTES, 2026, 11, 25), 20);
    assert_int_equal(price(USAGE_ATTRIBUTES, 2023, 5, 15), -1);
    assert_int_equal(fee_basis_read("observed", &basis, NULL), 0);
    assert_int_equal(basis, FEE_OBSERVED);
    assert_int_equal(fee_basis_read("never", &basis, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_table_is_refused),
        cmocka_unit_test(rows_at_the_limit_are_taken_and_one_past_it_refused),
        cmocka_unit_test(a_file_at_the_limit_is_taken_and_one_past_it_refused),
        cmocka_unit_test(the_last_row_that_covers_a_day_counts),
        cmocka_unit_test(the_table_that_comes_along_has_both_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
