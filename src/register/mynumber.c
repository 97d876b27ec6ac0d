/* SPDX-License-Identifier: Apache-2.0 */
#include "register/mynumber.h"

#include "register/limits.h"

#include <string.h>

static const char published_dummy[] = "123456789018";

static const char *const purposes[MYNUMBER_PURPOSES_] = {
    [MYNUMBER_FOR_CARD] = "card",
};

/* 11 - (sum of P_n * Q_n mod 11) with n from the right; a remainder of 0 or 1 gives 0. */
int mynumber_check_digit(const char *digits)
{
    int sum = 0;

    for (int n = 1; n < MYNUMBER_LEN; n++) {
        char digit = digits[MYNUMBER_LEN - 1 - n];
        int weight = n <= 6 ? n + 1 : n - 5;

        if (digit < '0' || digit > '9')
            return -1;
        sum += (digit - '0') * weight;
    }
    return sum % 11 <= 1 ? 0 : 11 - sum % 11;
}

static bool digit_fits(const char *text, enum mynumber_rule rule)
{
    int right = mynumber_check_digit(text);
    int last = text[MYNUMBER_LEN - 1] - '0';

    switch (rule) {
    case MYNUMBER_TEST:
        return last == (right + 5) % 10 ||
               bytes_equal_secret(bytes_text(text), bytes_text(published_dummy));
    case MYNUMBER_LAW:
        return last == right;
    }
    return false;
}

int mynumber_parse(const char *text, enum mynumber_rule rule, struct mynumber *ret, struct err *err)
{
    if (strlen(text) != MYNUMBER_LEN || strspn(text, "0123456789") != MYNUMBER_LEN)
        return FAIL(err, ERR_INPUT, "an individual number is twelve digits");
    if (!digit_fits(text, rule))
        return FAIL(err, ERR_INPUT, "%s",
                    rule == MYNUMBER_TEST
                        ? "this register takes test numbers only: their check digit is the right "
                          "one plus five"
                        : "the check digit of the individual number is wrong");
    return secret_copy(bytes_text(text), &ret->digits, err);
}

void mynumber_done(struct mynumber *number)
{
    secret_done(&number->digits);
}

const char *mynumber_purpose_name(enum mynumber_purpose purpose)
{
    return (unsigned)purpose < MYNUMBER_PURPOSES_ ? purposes[purpose] : NULL;
}

int mynumber_use_check(const struct mynumber_use *use, struct err *err)
{
    if (mynumber_purpose_name(use->purpose) == NULL)
        return FAIL(err, ERR_DENIED, "an individual number is read for a purpose in law only");
    if (use->actor == NULL || use->actor[0] == '\0' || strlen(use->actor) > ACTOR_MAX)
        return FAIL(err, ERR_DENIED, "whoever reads an individual number must be named");
    return 0;
}
