/* SPDX-License-Identifier: Apache-2.0 */
/* The PINs of a card and their counters, for the commands that show them. Costs no try. */
#pragma once

#include "base/json.h"
#include "client/pin.h"

enum pin_presence {
    PIN_ABSENT, /* not on this card; a card without a sign certificate has no password for it */
    PIN_UNTOLD, /* there, but the card tells no number */
    PIN_TOLD,
};

/* One place of a PIN. */
struct pin_counter {
    enum pin_presence presence;
    unsigned left;
};

struct pin_rows {
    struct pin_counter counters[ICC_PINS_][ICC_PIN_PLACES_MAX];
};

MUST_CHECK int pin_rows_read(struct icc *icc, struct pin_rows *ret, struct err *err);
/* The place of a PIN that has fewest tries left, or an absent one if the card has none. */
const struct pin_counter *pin_rows_worst(const struct pin_rows *rows, enum icc_pin which);

/* A line for each PIN that the card has. */
void print_pins(const struct pin_rows *rows);
/*
 * Member pins of object: an array of objects with name, tries_left, tries_max, locked, and places,
 * an array of objects with application and tries_left.
 */
MUST_CHECK int put_pins(struct json *object, const struct pin_rows *rows, struct err *err);
