/* SPDX-License-Identifier: Apache-2.0 */
#include "register/card.h"

#include <string.h>

enum { BIRTHDAYS_LONG = 10, BIRTHDAYS_SHORT = 5, MONTHS = 12 };

static const struct {
    const char *name;
    int renewal_months; /* pki.md 4 */
} generations[CARD_GENERATIONS_] = {
    [CARDS_OF_TODAY] = {"today", 3},
    [CARDS_OF_NEXT] = {"next", 12},
};

const char *const card_state_names[] = {
    [CARD_STOCK] = "stock",         [CARD_ISSUED] = "issued",     [CARD_ACTIVE] = "active",
    [CARD_SUSPENDED] = "suspended", [CARD_LAPSED] = "lapsed",     [CARD_EXPIRED] = "expired",
    [CARD_RETURNED] = "returned",   [CARD_REPLACED] = "replaced", [CARD_DESTROYED] = "destroyed",
    [CARD_STATES_] = NULL,
};

static const char *const kinds[CERT_KINDS_] = {[CERT_SIGN] = "sign", [CERT_AUTH] = "auth"};

const char *cert_kind_name(enum cert_kind kind)
{
    return kinds[kind];
}

const char *card_state_name(enum card_state state)
{
    return card_state_names[state];
}

int card_state_parse(const char *name, enum card_state *ret, struct err *err)
{
    for (unsigned i = 0; i < CARD_STATES_; i++) {
        if (strcmp(card_state_names[i], name) == 0) {
            *ret = (enum card_state)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "a card is in a state this program does not know");
}

int card_serial_check(const char *serial, struct err *err)
{
    size_t len = strlen(serial);

    if (len == 0 || len > CARD_SERIAL_MAX)
        return FAIL(err, ERR_INPUT, "serial is not 1 to %d characters", CARD_SERIAL_MAX);
    if (strspn(serial, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") != len)
        return FAIL(err, ERR_INPUT, "serial has other characters than letters, digits, hyphens");
    return 0;
}

int window_check(const char *window, struct err *err)
{
    if (strlen(window) != WINDOW_LEN ||
        strspn(window, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != WINDOW_LEN)
        return FAIL(err, ERR_INPUT, "a counter is four characters 0-9 A-Z");
    return 0;
}

struct caldate card_expiry(struct caldate birth, struct caldate issued_on)
{
    bool is_short = caldate_age(birth, issued_on) < LONG_CARD_AGE;

    return caldate_birthday_after(birth, issued_on, is_short ? BIRTHDAYS_SHORT : BIRTHDAYS_LONG);
}

struct caldate card_last_day(const struct resident *resident, struct caldate issued_on)
{
    struct caldate end = card_expiry(resident->birth, issued_on);
    bool is_cut = resident->stay_until.year != 0 && caldate_compare(resident->stay_until, end) < 0;

    return is_cut ? resident->stay_until : end;
}

int card_generation_parse(const char *name, enum card_generation *ret, struct err *err)
{
    for (unsigned i = 0; i < CARD_GENERATIONS_; i++) {
        if (strcmp(generations[i].name, name) == 0) {
            *ret = (enum card_generation)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "cards are of today or of the next kind: today, next");
}

struct caldate card_renewal_opens(enum card_generation generation, struct caldate expires_on)
{
    struct caldate day = expires_on;

    day.month -= generations[generation].renewal_months;
    if (day.month < 1) {
        day.month += MONTHS;
        day.year--;
    }
    while (!caldate_is_valid(day))
        day.day--;
    return day;
}

int64_t day_end(struct caldate day)
{
    return caltime_utc((struct caltime){day, 23, 59, 59}, JST_OFFSET_SECONDS);
}
