/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki/pin.h"

#include "border/border.h"

#include <limits.h>

_Static_assert((int)JPKI_PIN_MAX == (int)ICC_PIN_MAX, "as jpki/jpki.h promises");

static const struct {
    enum jpki_pin_kind outside;
    enum icc_pin inside;
} pins[] = {
    {JPKI_PIN_AUTH, ICC_PIN_AUTH},   {JPKI_PIN_SIGN, ICC_PIN_SIGN}, {JPKI_PIN_TEXT, ICC_PIN_TEXT},
    {JPKI_PIN_JUKI, ICC_PIN_JUKI},   {JPKI_PIN_A, ICC_PIN_A},       {JPKI_PIN_B, ICC_PIN_B},
    {JPKI_PIN_BIRTH, ICC_PIN_BIRTH},
};
_Static_assert(sizeof pins / sizeof pins[0] == ICC_PINS_, "each PIN has its number");

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

static int take_text(struct jpki_bytes given, struct secret *ret, struct err *err)
{
    struct bytes text;

    TRY(take_bytes(given, &text, err));
    if (text.len == 0 || text.len > ICC_PIN_MAX)
        return FAIL(err, ERR_DENIED, "a PIN has 1 to %d characters; nothing was sent to the card",
                    ICC_PIN_MAX);
    return secret_copy(text, ret, err);
}

int pin_take(enum icc_pin which, const struct jpki_pin *pin, struct pin_taken *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret typed = SECRET_INIT;

    if (pin == NULL)
        return FAIL(err, ERR_DENIED, "the %s is needed", icc_pin_title(which));
    if ((pin->flags & ~(unsigned)JPKI_LAST_TRY) != 0)
        return FAIL(err, ERR_USAGE, "unknown flags for a PIN: %#x", pin->flags);
    TRY(take_text(pin->text, &typed, err));
    TRY(icc_pin_normalise(which, &typed, err));
    *ret = (struct pin_taken){typed, (pin->flags & JPKI_LAST_TRY) != 0};
    typed = (struct secret)SECRET_INIT;
    return 0;
}

void pin_taken_done(struct pin_taken *taken)
{
    secret_done(&taken->pin);
}

int pin_open(jpki_card *card, enum icc_pin which, const struct jpki_pin *pin, struct err *err)
{
    CLEANUP(pin_taken_done) struct pin_taken taken = {.pin = SECRET_INIT};

    TRY(pin_take(which, pin, &taken, err));
    return icc_pin_verify(card->icc, which, &taken.pin, taken.may_use_last_try, err);
}

/* Something to do with a PIN in one application. */
struct act {
    int (*in_place)(const struct act *act, enum icc_app app, struct err *err);
    jpki_card *card;
    enum icc_pin which;
    const struct jpki_pin *pin;
    unsigned *left;
};

/* A place that the card does not have is passed over, unless it has none. */
static int in_each_place(const struct act *act, struct err *err)
{
    const struct icc_pin_place *places;
    size_t count = icc_pin_places(act->which, &places);
    struct err why = {0};
    bool is_there = false;

    for (size_t i = 0; i < count; i++) {
        int rc = act->in_place(act, places[i].app, &why);

        if (rc < 0 && !icc_is_missing(&why))
            return err_copy(err, &why);
        is_there = is_there || rc == 0;
    }
    return is_there ? 0 : err_copy(err, &why);
}

static int count_in_place(const struct act *act, enum icc_app app, struct err *err)
{
    unsigned left;

    TRY(icc_pin_tries_in(act->card->icc, act->which, app, &left, err));
    *act->left = left < *act->left ? left : *act->left;
    return 0;
}

static int tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret, struct err *err)
{
    unsigned left = UINT_MAX;
    struct act act = {.in_place = count_in_place, .card = card, .left = &left};

    TRY(pin_meant(which, &act.which, err));
    TRY(in_each_place(&act, err));
    *ret = left;
    return 0;
}

int jpki_card_tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret,
                    struct jpki_error *error)
{
    struct err err = {0};

    return tell(tries(card, which, ret, &err), &err, error);
}

static int check_in_place(const struct act *act, enum icc_app app, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin_app(act->card->icc, app, &txn, err));
    return pin_open(act->card, act->which, act->pin, err);
}

static int check_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *pin,
                     struct err *err)
{
    struct act act = {.in_place = check_in_place, .card = card, .pin = pin};

    TRY(pin_meant(which, &act.which, err));
    return in_each_place(&act, err);
}

int jpki_card_check_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *pin,
                        struct jpki_error *error)
{
    struct err err = {0};

    return tell(check_pin(card, which, pin, &err), &err, error);
}
