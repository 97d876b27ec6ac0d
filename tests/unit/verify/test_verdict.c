/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void invalid_outweighs_indeterminate_in_any_order(void **state)
{
    struct report one = {.verdict = VERDICT_VALID};
    struct report other = {.verdict = VERDICT_VALID};

    (void)state;
    report_add(&one, REASON_EXPIRED);
    report_add(&one, REASON_REVOCATION_NOT_CHECKED);
    report_add(&other, REASON_REVOCATION_NOT_CHECKED);
    assert_int_equal(other.verdict, VERDICT_INDETERMINATE);
    report_add(&other, REASON_EXPIRED);
    assert_int_equal(one.verdict, VERDICT_INVALID);
    assert_int_equal(other.verdict, VERDICT_INVALID);
}

static void every_reason_fits_once(void **state)
{
    struct report report = {.verdict = VERDICT_VALID};

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < REASONS_; i++)
            report_add(&report, (enum reason)i);
    assert_int_equal(report.reason_count, REASONS_);
}

/* The names are keys in JSON: distinct, and in one alphabet. */
static void every_reason_has_a_name_a_sentence_and_a_bad_verdict(void **state)
{
    (void)state;
    for (int i = 0; i < REASONS_; i++) {
        const char *name = reason_name((enum reason)i);
        const char *text = reason_text((enum reason)i);

        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        assert_int_equal(text[strlen(text) - 1], '.');
        assert_int_not_equal(reason_verdict((enum reason)i), VERDICT_VALID);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, reason_name((enum reason)k));
    }
}

static void verdicts_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(verdict_name(VERDICT_VALID), "valid");
    assert_string_equal(verdict_name(VERDICT_INVALID), "invalid");
    assert_string_equal(verdict_name(VERDICT_INDETERMINATE), "indeterminate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_outweighs_indeterminate_in_any_order),
        cmocka_unit_test(every_reason_fits_once),
        cmocka_unit_test(every_reason_has_a_name_a_sentence_and_a_bad_verdict),
        cmocka_unit_test(verdicts_have_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
