/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/pin/rows.h"

#include "client/cert.h"
#include "programs/jpki/common.h"

#include <stdio.h>

/* A status word that tells no number is an answer too; a card that is gone is not. */
static int read_counter(struct icc *icc, enum icc_pin which, enum icc_app app,
                        struct pin_counter *ret, struct err *err)
{
    struct err why = {0};
    int rc = icc_pin_tries_in(icc, which, app, &ret->left, &why);

    if (rc < 0 && !icc_is_missing(&why) && !(why.kind == ERR_REMOTE && why.detail != 0))
        return err_copy(err, &why);
    ret->presence = rc == 0 ? PIN_TOLD : icc_is_missing(&why) ? PIN_ABSENT : PIN_UNTOLD;
    return 0;
}

int pin_rows_read(struct icc *icc, struct pin_rows *ret, struct err *err)
{
    struct pin_rows rows = {.counters = {{{PIN_ABSENT, 0}}}};
    struct icc_presence presence;

    TRY(icc_read_presence(icc, &presence, err));
    for (unsigned which = 0; which < ICC_PINS_; which++) {
        const struct icc_pin_place *places;
        size_t count = icc_pin_places((enum icc_pin)which, &places);

        if (which == ICC_PIN_SIGN && presence.is_told && !presence.sign)
            continue;
        for (size_t i = 0; i < count; i++)
            TRY(read_counter(icc, (enum icc_pin)which, places[i].app, &rows.counters[which][i],
                             err));
    }
    *ret = rows;
    return 0;
}

const struct pin_counter *pin_rows_worst(const struct pin_rows *rows, enum icc_pin which)
{
    const struct pin_counter *worst = &rows->counters[which][0];

    for (size_t i = 1; i < ICC_PIN_PLACES_MAX; i++) {
        const struct pin_counter *other = &rows->counters[which][i];

        if (other->presence > worst->presence ||
            (other->presence == PIN_TOLD && other->left < worst->left))
            worst = other;
    }
    return worst;
}

static void print_pin(enum icc_pin which, const struct pin_counter *counter)
{
    struct err locked;

    if (counter->presence == PIN_UNTOLD)
        print_field(tr(icc_pin_title(which)), tr("the card does not tell how many tries are left"));
    else if (counter->left > 0)
        printf(tr("%s: %u of %u tries left\n"), tr(icc_pin_title(which)), counter->left,
               icc_pin_tries_max(which));
    else if (icc_pin_fail_locked(&locked, which) < 0)
        printf("%s%s%s\n", colour_on(COLOUR_BAD), locked.text, colour_off());
}

void print_pins(const struct pin_rows *rows)
{
    for (unsigned which = 0; which < ICC_PINS_; which++) {
        const struct pin_counter *worst = pin_rows_worst(rows, (enum icc_pin)which);

        if (worst->presence != PIN_ABSENT)
            print_pin((enum icc_pin)which, worst);
        else if (which == ICC_PIN_AUTH || which == ICC_PIN_SIGN)
            print_field(tr(icc_pin_title((enum icc_pin)which)), tr("not on this card"));
    }
}

static int put_tries(struct json *object, const struct pin_counter *counter, struct err *err)
{
    return counter->presence == PIN_TOLD ? json_put_int(object, "tries_left", counter->left, err)
                                         : json_put_null(object, "tries_left", err);
}

static int put_places(struct json *object, enum icc_pin which, const struct pin_counter counters[],
                      struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();
    const struct icc_pin_place *places;
    size_t count = icc_pin_places(which, &places);

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *place = NULL;

        if (counters[i].presence == PIN_ABSENT)
            continue;
        place = json_object_new();
        TRY(json_put_text(place, "application", icc_app_name(places[i].app), err));
        TRY(put_tries(place, &counters[i], err));
        TRY(json_add(array, json_steal(&place), err));
    }
    return json_put(object, "places", json_steal(&array), err);
}

static int add_pin(struct json *array, const struct pin_rows *rows, enum icc_pin which,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *pin = json_object_new();
    const struct pin_counter *worst = pin_rows_worst(rows, which);

    TRY(json_put_text(pin, "name", icc_pin_name(which), err));
    TRY(put_tries(pin, worst, err));
    TRY(json_put_int(pin, "tries_max", icc_pin_tries_max(which), err));
    TRY(json_put_bool(pin, "locked", worst->presence == PIN_TOLD && worst->left == 0, err));
    TRY(put_places(pin, which, rows->counters[which], err));
    return json_add(array, json_steal(&pin), err);
}

int put_pins(struct json *object, const struct pin_rows *rows, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (unsigned which = 0; which < ICC_PINS_; which++)
        TRY(add_pin(array, rows, (enum icc_pin)which, err));
    return json_put(object, "pins", json_steal(&array), err);
}
