/* SPDX-License-Identifier: Apache-2.0 */
#include "register/resident_code.h"

#include "register/check_digit.h"

#include <string.h>

enum { DIGITS = RESIDENT_CODE_LEN - 1, TEST_OFFSET = 5 };

int resident_code_parse(const char *text, enum mynumber_rule rule, struct resident_code *ret,
                        struct err *err)
{
    int expected;

    if (text == NULL)
        return 0;
    if (strlen(text) != RESIDENT_CODE_LEN || strspn(text, "0123456789") != RESIDENT_CODE_LEN)
        return FAIL(err, ERR_INPUT, "a resident code is eleven digits");
    expected = check_digit_of(text, DIGITS);
    if (rule == MYNUMBER_TEST)
        expected = (expected + TEST_OFFSET) % 10;
    if (text[DIGITS] - '0' != expected)
        return FAIL(err, ERR_INPUT, "%s",
                    rule == MYNUMBER_TEST
                        ? "this register takes test codes only: their check digit is the right one "
                          "plus five"
                        : "the check digit of the resident code is wrong");
    return secret_copy(bytes_text(text), &ret->digits, err);
}

void resident_code_done(struct resident_code *code)
{
    secret_done(&code->digits);
}
