/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki-verify/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/verify.h>

enum { LAST = JPKI_REASON_FORM_NOT_READ };

static void what_is_no_reason_has_no_name(void **state)
{
    static const int numbers[] = {JPKI_REASON_NONE, LAST + 1, -1, 1 << 20};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_null(jpki_reason_name((enum jpki_reason)numbers[i]));
        assert_null(jpki_reason_text((enum jpki_reason)numbers[i], "ja"));
        assert_null(jpki_reason_text((enum jpki_reason)numbers[i], "en"));
        assert_int_equal(jpki_reason_verdict((enum jpki_reason)numbers[i]), JPKI_INDETERMINATE);
    }
}

/* So a reason that is added inside is missed here until it has a number outside. */
static void every_reason_inside_is_one_outside(void **state)
{
    bool is_met[LAST + 1] = {false};

    (void)state;
    for (int i = 0; i < REASONS_; i++) {
        enum reason inside = (enum reason)i;
        enum jpki_reason outside = reason_outside(inside);

        assert_in_range(outside, 1, LAST);
        assert_false(is_met[outside]);
        is_met[outside] = true;
        assert_string_equal(jpki_reason_name(outside), reason_name(inside));
        assert_int_equal(jpki_reason_verdict(outside), verdict_outside(reason_verdict(inside)));
    }
    assert_int_equal(REASONS_, LAST);
}

static void every_reason_is_told_in_both_languages(void **state)
{
    (void)state;
    for (int i = 1; i <= LAST; i++) {
        const char *english = jpki_reason_text((enum jpki_reason)i, "en");
        const char *japanese = jpki_reason_text((enum jpki_reason)i, "ja");

        assert_string_equal(english, jpki_reason_text((enum jpki_reason)i, ""));
        assert_string_not_equal(english, japanese);
        assert_non_null(strstr(japanese, "。"));
    }
}

static void verdicts_have_names(void **state)
{
    (void)state;
    assert_string_equal(jpki_verdict_name(JPKI_VALID), "valid");
    assert_string_equal(jpki_verdict_name(JPKI_INVALID), "invalid");
    assert_string_equal(jpki_verdict_name(JPKI_INDETERMINATE), "indeterminate");
    assert_string_equal(jpki_verdict_name((enum jpki_verdict)77), "indeterminate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_reason_has_no_name),
        cmocka_unit_test(every_reason_inside_is_one_outside),
        cmocka_unit_test(every_reason_is_told_in_both_languages),
        cmocka_unit_test(verdicts_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
