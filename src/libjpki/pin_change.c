/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin_change.h"

#include "border/border.h"
#include "libjpki/pin.h"

/* Before anything is sent: a PIN that is kept twice must not end half changed. */
static int check_places(jpki_card *card, const struct icc_pin_change *change,
                        const struct icc_pin_places *places, struct err *err)
{
    for (size_t i = 0; i < places->count; i++) {
        unsigned left;

        TRY(icc_pin_tries_in(card->icc, change->which, places->list[i].app, &left, err));
        TRY(icc_pin_may_be_used(change->which, left, change->may_use_last_try, err));
    }
    return 0;
}

static int change_meant(enum jpki_pin_kind which, enum icc_pin *ret, struct err *err)
{
    TRY(pin_meant(which, ret, err));
    if (which > JPKI_PIN_JUKI)
        return FAIL(err, ERR_USAGE, "codes are not changed by their holder");
    return 0;
}

static int change_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *old,
                      const struct jpki_pin *replacement, struct err *err)
{
    CLEANUP(pin_taken_done) struct pin_taken before = {.pin = SECRET_INIT};
    CLEANUP(pin_taken_done) struct pin_taken after = {.pin = SECRET_INIT};
    struct icc_pin_change change = {.old = &before.pin, .replacement = &after.pin};
    struct icc_pin_places places;
    size_t done;

    TRY(change_meant(which, &change.which, err));
    TRY(pin_take(change.which, old, &before, err));
    TRY(pin_take(change.which, replacement, &after, err));
    change.may_use_last_try = before.may_use_last_try;
    places.count = icc_pin_places(change.which, &places.list);
    TRY(check_places(card, &change, &places, err));
    return icc_pin_change_in(card->icc, &change, &places, &done, err);
}

int jpki_card_change_pin(jpki_card *card, enum jpki_pin_kind which, const struct jpki_pin *old,
                         struct jpki_bytes replacement, struct jpki_error *error)
{
    const struct jpki_pin after = {replacement, 0};
    struct err err = {0};

    return tell(change_pin(card, which, old, &after, &err), &err, error);
}
