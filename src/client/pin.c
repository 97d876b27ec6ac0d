/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin.h"

#include "base/i18n.h"
#include "client/icc.h"

struct rule {
    const char *name, *title;
    uint16_t ief; /* card.md 3.1 */
    unsigned tries;
    size_t min, max;
    bool is_password; /* letters too, upper case, both kinds needed */
    const char *form;
    const char *unlock;
};

/* card.md 5 */
static const struct rule rules[] = {
    [ICC_PIN_AUTH] = {"auth", N_("authentication PIN"), 0x0018, 3, 4, 4, false,
                      N_("the authentication PIN is 4 digits; nothing was sent to the card"),
                      N_("the authentication PIN is locked; the counter of your municipality "
                         "resets it (bring the card)")},
    [ICC_PIN_SIGN] = {"sign", N_("signature password"), 0x001B, 5, 6, ICC_PIN_MAX, true,
                      N_("the signature password is 6 to 16 letters and digits, at least one of "
                         "each; nothing was sent to the card"),
                      N_("the signature password is locked; the counter of your municipality "
                         "resets it, or the official app together with a convenience-store kiosk "
                         "if you know the authentication PIN")},
};

const char *icc_pin_name(enum icc_pin which)
{
    return rules[which].name;
}

const char *icc_pin_title(enum icc_pin which)
{
    return rules[which].title;
}

unsigned icc_pin_tries_max(enum icc_pin which)
{
    return rules[which].tries;
}

int icc_pin_fail_locked(struct err *err, enum icc_pin which)
{
    return FAIL_WITH(err, ERR_DENIED, SW_TRIES_LEFT, "%s", err_message(rules[which].unlock));
}

static int select_pin(struct icc *icc, const struct rule *rule, struct err *err)
{
    struct err why = {0};
    int rc = icc_select(icc, rule->ief, &why);

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

int icc_pin_tries(struct icc *icc, enum icc_pin which, unsigned *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin(icc, &txn, err));
    return query(icc, &rules[which], ret, err);
}

static bool has_form(const struct rule *rule, struct bytes pin)
{
    bool has_letter = false;
    bool has_digit = false;

    if (pin.len < rule->min || pin.len > rule->max)
        return false;
    for (size_t i = 0; i < pin.len; i++) {
        bool is_digit = pin.ptr[i] >= '0' && pin.ptr[i] <= '9';

        if (!is_digit && !(rule->is_password && pin.ptr[i] >= 'A' && pin.ptr[i] <= 'Z'))
            return false;
        has_digit |= is_digit;
        has_letter |= !is_digit;
    }
    return !rule->is_password || (has_letter && has_digit);
}

int icc_pin_normalise(enum icc_pin which, struct secret *pin, struct err *err)
{
    const struct rule *rule = &rules[which];

    if (rule->is_password)
        for (size_t i = 0; i < pin->len; i++)
            if (pin->ptr[i] >= 'a' && pin->ptr[i] <= 'z')
                pin->ptr[i] = (uint8_t)(pin->ptr[i] - 'a' + 'A');
    if (!has_form(rule, secret_bytes(pin)))
        return FAIL(err, ERR_DENIED, "%s", err_message(rule->form));
    return 0;
}

int icc_pin_may_be_used(enum icc_pin which, unsigned tries, bool may_use_last_try, struct err *err)
{
    if (tries == 0)
        return icc_pin_fail_locked(err, which);
    if (tries == 1 && !may_use_last_try)
        return FAIL_WITH(err, ERR_DENIED, sw_with_tries(tries),
                         "only one try is left for the %s; it is used only with --last-try",
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

    if (!has_form(rule, secret_bytes(pin)))
        return FAIL(err, ERR_DENIED, "%s", err_message(rule->form));
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
