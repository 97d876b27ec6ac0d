/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki/pin.h"

#include "base/secret.h"
#include "border/border.h"

_Static_assert((int)JPKI_PIN_MAX == (int)ICC_PIN_MAX, "as jpki/jpki.h promises");

static const struct {
    enum jpki_pin_kind outside;
    enum icc_pin inside;
} pins[] = {
    {JPKI_PIN_AUTH, ICC_PIN_AUTH},
    {JPKI_PIN_SIGN, ICC_PIN_SIGN},
};

int pin_meant(enum jpki_pin_kind which, enum icc_pin *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (pins[i].outside == which) {
            *ret = pins[i].inside;
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "%d is no PIN", (int)which);
}

static int take_pin(const struct jpki_pin *pin, struct secret *ret, struct err *err)
{
    struct bytes text;

    TRY(take_bytes(pin->text, &text, err));
    if (text.len == 0 || text.len > ICC_PIN_MAX)
        return FAIL(err, ERR_DENIED, "a PIN has 1 to %d characters; nothing was sent to the card",
                    ICC_PIN_MAX);
    return secret_copy(text, ret, err);
}

int pin_open(jpki_card *card, enum icc_pin which, const struct jpki_pin *pin, struct err *err)
{
    CLEANUP(secret_done) struct secret typed = SECRET_INIT;

    if (pin == NULL)
        return FAIL(err, ERR_DENIED, "the %s is needed", icc_pin_title(which));
    if ((pin->flags & ~(unsigned)JPKI_LAST_TRY) != 0)
        return FAIL(err, ERR_USAGE, "unknown flags for a PIN: %#x", pin->flags);
    TRY(take_pin(pin, &typed, err));
    TRY(icc_pin_normalise(which, &typed, err));
    return icc_pin_verify(card->icc, which, &typed, (pin->flags & JPKI_LAST_TRY) != 0, err);
}

static int tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret, struct err *err)
{
    enum icc_pin meant;

    TRY(pin_meant(which, &meant, err));
    return icc_pin_tries(card->icc, meant, ret, err);
}

int jpki_card_tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret,
                    struct jpki_error *error)
{
    struct err err = {0};

    return tell(tries(card, which, ret, &err), &err, error);
}

static int check_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *pin,
                     struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    enum icc_pin meant;

    TRY(pin_meant(which, &meant, err));
    TRY(icc_begin(card->icc, &txn, err));
    return pin_open(card, meant, pin, err);
}

int jpki_card_check_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *pin,
                        struct jpki_error *error)
{
    struct err err = {0};

    return tell(check_pin(card, which, pin, &err), &err, error);
}
