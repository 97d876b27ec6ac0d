/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is born on 29 February has the birthday on 28 February in common years: a period without a
 * corresponding day in its last month ends with that month's last day (Civil Code, art. 143 (2),
 * which the Act on Calculation of Ages, paragraph 2, applies to ages).
 */
#include "x509/validity.h"

enum { BIRTHDAYS = 5, BIRTHDAYS_RENEWED = 6, RENEWAL_MONTHS = 3 };

static struct caldate birthday_in(struct caldate birth, int year)
{
    if (birth.month == 2 && birth.day == 29 && !caldate_is_leap(year))
        return (struct caldate){year, 2, 28};
    return (struct caldate){year, birth.month, birth.day};
}

static struct caldate nth_birthday_after(struct caldate birth, struct caldate day, int nth)
{
    bool is_past = caldate_compare(birthday_in(birth, day.year), day) <= 0;

    return birthday_in(birth, day.year + nth - (is_past ? 0 : 1));
}

static int64_t last_second_of(struct caldate day)
{
    return caltime_utc((struct caltime){day, 23, 59, 59}, JST_OFFSET_SECONDS);
}

int64_t validity_renewal_opens(int64_t not_after)
{
    struct caldate day = caltime_at(not_after, JST_OFFSET_SECONDS).date;

    day.month -= RENEWAL_MONTHS;
    if (day.month < 1) {
        day.month += 12;
        day.year--;
    }
    while (!caldate_is_valid(day))
        day.day--;
    return caltime_utc((struct caltime){day, 0, 0, 0}, JST_OFFSET_SECONDS);
}

/* In the last three months, with the birthday that ends the old certificate still to come. */
static bool is_early_renewal(const struct validity *validity, struct caldate issued)
{
    struct caldate next = nth_birthday_after(validity->birth, issued, 1);

    return validity->old_not_after != 0 &&
           validity->issued >= validity_renewal_opens(validity->old_not_after) &&
           last_second_of(next) <= validity->old_not_after;
}

int validity_not_after(const struct validity *validity, int64_t *ret, struct err *err)
{
    struct caldate issued = caltime_at(validity->issued, JST_OFFSET_SECONDS).date;
    int64_t end;
    int nth;

    if (!caldate_is_valid(validity->birth))
        return FAIL(err, ERR_USAGE, "the birth date is no date");
    if (validity->card_expiry <= validity->issued)
        return FAIL(err, ERR_CONFLICT, "the card has expired; a certificate needs a valid card");
    nth = is_early_renewal(validity, issued) ? BIRTHDAYS_RENEWED : BIRTHDAYS;
    end = last_second_of(nth_birthday_after(validity->birth, issued, nth));
    *ret = end < validity->card_expiry ? end : validity->card_expiry;
    return 0;
}
