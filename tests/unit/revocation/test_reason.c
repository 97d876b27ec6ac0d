/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_name_that_is_none_of_the_seven_is_refused(void **state)
{
    enum crl_reason reason = CRL_SUPERSEDED;

    (void)state;
    assert_int_equal(crl_reason_parse("removeFromCRL", &reason, NULL), -ERR_INPUT);
    assert_int_equal(crl_reason_parse("Superseded", &reason, NULL), -ERR_INPUT);
    assert_int_equal(crl_reason_parse("", &reason, NULL), -ERR_INPUT);
    assert_int_equal(reason, CRL_SUPERSEDED);
}

/* RFC 5280, 5.3.1: the numbers are fixed */
static void names_and_numbers_are_those_of_the_specification(void **state)
{
    static const char *const names[] = {
        "unspecified", "keyCompromise",        "cACompromise",   "affiliationChanged",
        "superseded",  "cessationOfOperation", "certificateHold"};

    (void)state;
    assert_int_equal(CRL_REASONS_, sizeof names / sizeof names[0]);
    for (int i = 0; i < CRL_REASONS_; i++) {
        enum crl_reason reason;

        assert_string_equal(crl_reason_name((enum crl_reason)i), names[i]);
        assert_int_equal(crl_reason_parse(names[i], &reason, NULL), 0);
        assert_int_equal(reason, i);
        assert_non_null(crl_reason_meaning((enum crl_reason)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_none_of_the_seven_is_refused),
        cmocka_unit_test(names_and_numbers_are_those_of_the_specification),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
