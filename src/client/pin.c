/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin.h"

#include "base/i18n.h"
#include "client/code.h"

/* How what a person typed becomes what is sent, and whether that can be right. */
struct form {
    int (*from)(struct secret *typed, struct err *err);
    bool (*is_possible)(struct bytes pin);
};

struct rule {
    const char *name, *title;
    struct icc_pin_place places[ICC_PIN_PLACES_MAX]; /* card.md 3 */
    size_t place_count;
    unsigned tries;
    const struct form *form;
    const char *what_it_is;
    const char *unlock;
    const char *hint; /* NULL: the title says enough */
};

static bool are_four_digits(struct bytes pin)
{
    if (pin.len != 4)
        return false;
    for (size_t i = 0; i < pin.len; i++)
        if (pin.ptr[i] < '0' || pin.ptr[i] > '9')
            return false;
    return true;
}

/* 6 to 16 of A-Z and 0-9 with at least one of each. */
static bool is_password(struct bytes pin)
{
    bool has_letter = false;
    bool has_digit = false;

    if (pin.len < 6 || pin.len > ICC_PIN_MAX)
        return false;
    for (size_t i = 0; i < pin.len; i++) {
        bool is_digit = pin.ptr[i] >= '0' && pin.ptr[i] <= '9';

        if (!is_digit && !(pin.ptr[i] >= 'A' && pin.ptr[i] <= 'Z'))
            return false;
        has_digit = has_digit || is_digit;
        has_letter = has_letter || !is_digit;
    }
    return has_letter && has_digit;
}

static int password_from(struct secret *typed, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < typed->len; i++)
        if (typed->ptr[i] >= 'a' && typed->ptr[i] <= 'z')
            typed->ptr[i] = (uint8_t)(typed->ptr[i] - 'a' + 'A');
    return 0;
}

static const struct form four_digits = {NULL, are_four_digits};
static const struct form password = {password_from, is_password};
static const struct form code_a = {code_a_from, code_a_is_possible};
static const struct form code_b = {code_b_from, code_b_is_possible};
static const struct form code_birth = {code_birth_from, code_birth_is_possible};

/* card.md 5 */
static const struct rule rules[] = {
    [ICC_PIN_AUTH] = {"auth",
                      N_("authentication PIN"),
                      {{ICC_APP_JPKI, 0x0018}},
                      1,
                      3,
                      &four_digits,
                      N_("the authentication PIN is 4 digits; nothing was sent to the card"),
                      N_("the authentication PIN is locked; the counter of your municipality "
                         "resets it (bring the card)"),
                      NULL},
    [ICC_PIN_SIGN] = {"sign",
                      N_("signature password"),
                      {{ICC_APP_JPKI, 0x001B}},
                      1,
                      5,
                      &password,
                      N_("the signature password is 6 to 16 letters and digits, at least one of "
                         "each; nothing was sent to the card"),
                      N_("the signature password is locked; the counter of your municipality "
                         "resets it, or the official app together with a convenience-store kiosk "
                         "if you know the authentication PIN"),
                      NULL},
    [ICC_PIN_TEXT] = {"text",
                      N_("card text PIN"),
                      {{ICC_APP_TEXT, 0x0011}},
                      1,
                      3,
                      &four_digits,
                      N_("the card text PIN is 4 digits; nothing was sent to the card"),
                      N_("the card text PIN is locked; the counter of your municipality resets "
                         "it (bring the card)"),
                      NULL},
    [ICC_PIN_JUKI] = {"juki",
                      N_("resident register PIN"),
                      {{ICC_APP_JUKI, 0x001C}, {ICC_APP_COMMON, 0x001C}},
                      2,
                      3,
                      &four_digits,
                      N_("the resident register PIN is 4 digits; nothing was sent to the card"),
                      N_("the resident register PIN is locked; the counter of your municipality "
                         "resets it (bring the card)"),
                      NULL},
    [ICC_PIN_A] = {"a",
                   N_("check code A"),
                   {{ICC_APP_TEXT, 0x0014}, {ICC_APP_VISUAL, 0x0013}},
                   2,
                   10,
                   &code_a,
                   N_("check code A is an individual number: 12 digits, the last of which checks "
                      "the others; nothing was sent to the card"),
                   N_("check code A is locked; the counter of your municipality resets it (bring "
                      "the card)"),
                   N_("the individual number, 12 digits")},
    [ICC_PIN_B] = {"b",
                   N_("check code B"),
                   {{ICC_APP_TEXT, 0x0015}, {ICC_APP_VISUAL, 0x0012}},
                   2,
                   10,
                   &code_b,
                   N_("check code B is a date of birth, a year of expiry and a security code, like "
                      "1990-04-15 2035 1234, or its 14 digits; nothing was sent to the card"),
                   N_("check code B is locked; the counter of your municipality resets it (bring "
                      "the card)"),
                   N_("date of birth, year of expiry, security code: 1990-04-15 2035 1234")},
    [ICC_PIN_BIRTH] =
        {"birth",
         N_("date of birth"),
         {{ICC_APP_VISUAL, 0x0011}},
         1,
         10,
         &code_birth,
         N_("a date of birth is typed like 1990-04-15, or with the year of its era as "
            "six digits; nothing was sent to the card"),
         N_("the date of birth is locked; the counter of your municipality resets it "
            "(bring the card)"),
         N_("like 1990-04-15")},
};

size_t icc_pin_places(enum icc_pin which, const struct icc_pin_place **ret)
{
    *ret = rules[which].places;
    return rules[which].place_count;
}

const char *icc_pin_name(enum icc_pin which)
{
    return rules[which].name;
}

const char *icc_pin_title(enum icc_pin which)
{
    return rules[which].title;
}

const char *icc_pin_hint(enum icc_pin which)
{
    return rules[which].hint;
}

unsigned icc_pin_tries_max(enum icc_pin which)
{
    return rules[which].tries;
}

int icc_pin_fail_locked(struct err *err, enum icc_pin which)
{
    return FAIL_WITH(err, ERR_DENIED, SW_TRIES_LEFT, "%s", err_message(rules[which].unlock));
}

static int find_place(const struct rule *rule, enum icc_app app, uint16_t *ret, struct err *err)
{
    for (size_t i = 0; i < rule->place_count; i++) {
        if (rule->places[i].app == app) {
            *ret = rule->places[i].ief;
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "this application of the card has no %s", err_message(rule->title));
}

static int select_pin(struct icc *icc, const struct rule *rule, struct err *err)
{
    struct err why = {0};
    uint16_t ief;
    int rc;

    TRY(find_place(rule, icc_current_app(icc), &ief, err));
    rc = icc_select(icc, ief, &why);
    if (rc == -ERR_ABSENT && why.detail == SW_FILE_NOT_FOUND)
        return FAIL_WITH(err, ERR_ABSENT, why.detail, "the card has no %s",
                         err_message(rule->title));
    return rc < 0 ? err_copy(err, &why) : 0;
}

/* Selects the PIN and asks for its counter: an empty VERIFY costs nothing (card.md 4.1). */
static int query(struct icc *icc, const struct rule *rule, unsigned *ret, struct err *err)
{
    const struct apdu apdu = {.ins = 0x20, .p2 = 0x80};
    unsigned tries;
    uint16_t sw;

    TRY(select_pin(icc, rule, err));
    TRY(icc_transmit(icc, &apdu, NULL, &sw, err));
    if (sw_is_blocked(sw))
        tries = 0;
    else if (!sw_tries_left(sw, &tries))
        return FAIL_WITH(err, ERR_REMOTE, sw,
                         "the card does not tell how many tries the %s has left (%04X); nothing "
                         "was sent",
                         err_message(rule->title), sw);
    *ret = tries;
    return 0;
}

int icc_pin_select(struct icc *icc, enum icc_pin which, struct err *err)
{
    return select_pin(icc, &rules[which], err);
}

int icc_pin_tries_in(struct icc *icc, enum icc_pin which, enum icc_app app, unsigned *ret,
                     struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin_app(icc, app, &txn, err));
    return query(icc, &rules[which], ret, err);
}

int icc_pin_tries(struct icc *icc, enum icc_pin which, unsigned *ret, struct err *err)
{
    return icc_pin_tries_in(icc, which, rules[which].places[0].app, ret, err);
}

static int fail_form(struct err *err, const struct rule *rule)
{
    return FAIL(err, ERR_DENIED, "%s", err_message(rule->what_it_is));
}

int icc_pin_normalise(enum icc_pin which, struct secret *pin, struct err *err)
{
    const struct rule *rule = &rules[which];

    if (rule->form->from != NULL && rule->form->from(pin, NULL) < 0)
        return fail_form(err, rule);
    return rule->form->is_possible(secret_bytes(pin)) ? 0 : fail_form(err, rule);
}

int icc_pin_may_be_used(enum icc_pin which, unsigned tries, bool may_use_last_try, struct err *err)
{
    if (tries == 0)
        return icc_pin_fail_locked(err, which);
    if (tries == 1 && !may_use_last_try)
        return FAIL_WITH(err, ERR_DENIED, sw_with_tries(tries),
                         "only one try is left for the %s; it is not used without consent",
                         err_message(rules[which].title));
    return 0;
}

static int fail_wrong(struct err *err, const struct rule *rule, unsigned left)
{
    return FAIL_WITH(err, ERR_DENIED, sw_with_tries(left), "the %s is wrong; tries left: %u",
                     err_message(rule->title), left);
}

/* The one place that sends a PIN. It is not repeated, whatever happens. */
static int send(struct icc *icc, const struct secret *pin, uint16_t *ret_sw, struct err *err)
{
    const struct apdu apdu = {.ins = 0x20, .p2 = 0x80, .data = secret_bytes(pin)};

    icc_pin_was_sent(icc);
    return icc_transmit(icc, &apdu, NULL, ret_sw, err);
}

int icc_pin_verify(struct icc *icc, enum icc_pin which, const struct secret *pin,
                   bool may_use_last_try, struct err *err)
{
    const struct rule *rule = &rules[which];
    unsigned left;
    uint16_t sw;

    if (!rule->form->is_possible(secret_bytes(pin)))
        return fail_form(err, rule);
    TRY(query(icc, rule, &left, err));
    TRY(icc_pin_may_be_used(which, left, may_use_last_try, err));
    TRY(send(icc, pin, &sw, err));
    if (sw == SW_OK)
        return 0;
    if (sw_is_blocked(sw))
        return icc_pin_fail_locked(err, which);
    if (sw_tries_left(sw, &left))
        return fail_wrong(err, rule, left);
    return icc_fail_sw(err, sw, N_("check the PIN"));
}
