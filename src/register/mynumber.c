/* SPDX-License-Identifier: Apache-2.0 */
#include "register/mynumber.h"

#include "base/rand.h"
#include "register/check_digit.h"
#include "register/limits.h"

#include <string.h>

static const char published_dummy[] = "123456789018";

#define BODY(body_)    (1U << (body_))
#define ADMINISTRATIVE (BODY(MYNUMBER_BY_MUNICIPALITY) | BODY(MYNUMBER_BY_ADMINISTRATION))

/* Who may use numbers for what (Number Act, Articles 9 and 17). */
static const struct purpose {
    const char *name;
    unsigned bodies;
    bool needs_person; /* whose identity was checked */
    bool needs_duty;   /* that an ordinance names */
} purposes[MYNUMBER_PURPOSES_] = {
    [MYNUMBER_FOR_CARD] = {"card", BODY(MYNUMBER_BY_MUNICIPALITY), true, false},
    [MYNUMBER_FOR_SOCIAL_SECURITY] = {"social-security",
                                      ADMINISTRATIVE | BODY(MYNUMBER_BY_EMPLOYER), true, false},
    [MYNUMBER_FOR_TAX] = {"tax", ADMINISTRATIVE | BODY(MYNUMBER_BY_EMPLOYER), true, false},
    /* Somebody who needs help may be in no state to show who they are. */
    [MYNUMBER_FOR_DISASTER] = {"disaster", ADMINISTRATIVE, false, false},
    [MYNUMBER_FOR_ORDINANCE] = {"ordinance", BODY(MYNUMBER_BY_MUNICIPALITY), true, true},
};

static const char *const bodies[MYNUMBER_BODIES_] = {
    [MYNUMBER_BY_MUNICIPALITY] = "municipality",
    [MYNUMBER_BY_ADMINISTRATION] = "administration",
    [MYNUMBER_BY_EMPLOYER] = "employer",
};

int mynumber_check_digit(const char *digits)
{
    return check_digit_of(digits, MYNUMBER_LEN - 1);
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

/* A digit, each equally likely. */
static int random_digit(char *ret, struct err *err)
{
    uint8_t random;

    do
        TRY(rand_fill(&random, sizeof random, err));
    while (random >= 250);
    *ret = (char)('0' + random % 10);
    return 0;
}

int mynumber_new(enum mynumber_rule rule, struct mynumber *ret, struct err *err)
{
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    char *digits;

    if (rule != MYNUMBER_TEST)
        return FAIL(err, ERR_DENIED,
                    "an individual number has to be told: this register designates test numbers");
    TRY(secret_new(MYNUMBER_LEN, &number.digits, err));
    digits = (char *)number.digits.ptr;
    for (size_t i = 0; i < MYNUMBER_LEN - 1; i++)
        TRY(random_digit(&digits[i], err));
    digits[MYNUMBER_LEN - 1] = (char)('0' + (mynumber_check_digit(digits) + 5) % 10);
    *ret = number;
    number = (struct mynumber)MYNUMBER_INIT;
    return 0;
}

void mynumber_done(struct mynumber *number)
{
    secret_done(&number->digits);
}

const char *mynumber_purpose_name(enum mynumber_purpose purpose)
{
    return (unsigned)purpose < MYNUMBER_PURPOSES_ ? purposes[purpose].name : NULL;
}

const char *mynumber_body_name(enum mynumber_body body)
{
    return (unsigned)body < MYNUMBER_BODIES_ ? bodies[body] : NULL;
}

static bool is_in_ordinances(const struct mynumber_use *use)
{
    const char *const *duty = use->ordinances;

    if (use->duty == NULL || duty == NULL)
        return false;
    while (*duty != NULL && strcmp(*duty, use->duty) != 0)
        duty++;
    return *duty != NULL;
}

int mynumber_use_check(const struct mynumber_use *use, struct err *err)
{
    const struct purpose *purpose;

    if (mynumber_purpose_name(use->purpose) == NULL)
        return FAIL(err, ERR_DENIED, "an individual number is read for a purpose in law only");
    purpose = &purposes[use->purpose];
    if (use->actor == NULL || use->actor[0] == '\0' || strlen(use->actor) > ACTOR_MAX)
        return FAIL(err, ERR_DENIED, "whoever reads an individual number must be named");
    if (mynumber_body_name(use->body) == NULL || (purpose->bodies & BODY(use->body)) == 0)
        return FAIL(err, ERR_DENIED, "nobody of this kind reads an individual number for %s",
                    purpose->name);
    if (purpose->needs_person && !use->is_identified)
        return FAIL(err, ERR_DENIED,
                    "an individual number proves nothing: the person must be identified first");
    if (purpose->needs_duty && !is_in_ordinances(use))
        return FAIL(err, ERR_DENIED, "no ordinance of the municipality names this duty");
    return 0;
}
