/* SPDX-License-Identifier: Apache-2.0 */
/* Residents and cards at the counter. */
#include "register/counter.h"

#include "base/rand.h"

#include <stdio.h>
#include <string.h>

static struct caldate day_of(int64_t now)
{
    return caltime_at(now, JST_OFFSET_SECONDS).date;
}

int counter_add_resident(const struct counter *counter, struct resident *resident,
                         const struct number_texts *texts, const struct audit_origin *by,
                         bool *ret_is_new, struct err *err)
{
    CLEANUP(resident_numbers_done) struct resident_numbers numbers = RESIDENT_NUMBERS_INIT;

    TRY(resident_check(resident, counter->municipalities, day_of(by->at), err));
    TRY(mynumber_parse(texts->mynumber, counter->rule, &numbers.number, err));
    TRY(resident_code_parse(texts->resident_code, counter->rule, &numbers.code, err));
    return register_add_resident(counter->store, resident, &numbers, by, ret_is_new, err);
}

/* Four random digits, each value equally likely. */
static int security_code_new(char ret[SECURITY_CODE_LEN + 1], struct err *err)
{
    uint16_t random;

    do
        TRY(rand_fill(&random, sizeof random, err));
    while (random >= 60000);
    (void)snprintf(ret, SECURITY_CODE_LEN + 1, "%04u", (unsigned)(random % 10000));
    return 0;
}

/* The next card may be made while the present one counts, when that one soon ends. */
static int may_follow(const struct counter *counter, const struct resident *resident, int64_t now,
                      bool *ret, struct err *err)
{
    struct caldate opens;
    struct card own;
    int rc = register_get_own_card(counter->store, resident->id, &own, err);

    if (rc == -ERR_ABSENT) {
        *ret = false;
        return 0;
    }
    TRY(rc);
    opens = card_renewal_opens(counter->generation, own.expires_on);
    *ret = caldate_compare(day_of(now), opens) >= 0;
    return 0;
}

/* Somebody who lives here and may stay. */
static int entitled_check(const struct resident *resident, const struct card *card, int64_t now,
                          struct err *err)
{
    if (resident->standing != STANDING_HERE)
        return FAIL(err, ERR_CONFLICT, "the resident is %s; cards are for those who live here",
                    standing_name(resident->standing));
    if (caldate_compare(card->expires_on, day_of(now)) < 0)
        return FAIL(err, ERR_CONFLICT, "the resident's stay is over; no card would live");
    return 0;
}

int counter_add_card(const struct counter *counter, const struct card_entry *entry,
                     struct card *ret, bool *ret_is_new, struct err *err)
{
    struct card card = {
        .state = CARD_STOCK, .issued_at = entry->by->at, .is_further = entry->is_further};
    struct resident resident;
    bool follows = false;

    if (entry->is_further && counter->rule != MYNUMBER_TEST)
        return FAIL(err, ERR_DENIED, "further cards are for test residents: people have one card");
    TRY(card_serial_check(entry->serial, err));
    TRY(register_get_resident(counter->store, entry->resident, &resident, err));
    (void)snprintf(card.serial, sizeof card.serial, "%s", entry->serial);
    memcpy(card.resident, resident.id, sizeof card.resident);
    (void)snprintf(card.window_id, sizeof card.window_id, "%s%s", resident.municipality,
                   counter->window);
    card.expires_on = card_last_day(&resident, day_of(card.issued_at));
    TRY(entitled_check(&resident, &card, card.issued_at, err));
    TRY(may_follow(counter, &resident, card.issued_at, &follows, err));
    TRY(security_code_new(card.security_code, err));
    TRY(register_add_card(counter->store, &card, follows, entry->by, ret_is_new, err));
    *ret = card;
    return 0;
}

int counter_activate_card(const struct counter *counter, const char *serial,
                          const struct audit_origin *by, struct card *ret, struct err *err)
{
    TRY(register_activate_card(counter->store, serial, by, err));
    return register_get_card(counter->store, serial, ret, err);
}
