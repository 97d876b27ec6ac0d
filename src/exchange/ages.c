/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/ages.h"

enum { DAY_SECONDS = 86400, MONTHS = 12, SCHOOL_AGE = 6, APRIL = 4 };

struct caldate ages_days_from(struct caldate day, int64_t days)
{
    return caltime_at(caltime_utc((struct caltime){day, 0, 0, 0}, 0) + days * DAY_SECONDS, 0).date;
}

int64_t ages_days_between(struct caldate from, struct caldate until)
{
    return (caltime_utc((struct caltime){until, 0, 0, 0}, 0) -
            caltime_utc((struct caltime){from, 0, 0, 0}, 0)) /
           DAY_SECONDS;
}

struct caldate ages_years(struct caldate birth, int64_t years)
{
    const struct caldate day = caldate_birthday(birth, birth.year + (int)years);

    return caldate_age(birth, day) < years ? ages_days_from(day, 1) : day;
}

struct caldate ages_months(struct caldate birth, int64_t months)
{
    const int64_t month = birth.month - 1 + months;
    struct caldate day = {birth.year + (int)(month / MONTHS), (int)(month % MONTHS) + 1, birth.day};

    while (!caldate_is_valid(day))
        day.day--;
    return day;
}

/* In whose April school begins. */
static int school_year(struct caldate birth)
{
    const bool is_late = birth.month > APRIL || (birth.month == APRIL && birth.day > 1);

    return birth.year + SCHOOL_AGE + (is_late ? 1 : 0);
}

struct caldate ages_grade_from(struct caldate birth, int64_t grade)
{
    return (struct caldate){school_year(birth) + (int)grade - 1, APRIL, 1};
}

struct caldate ages_grade_until(struct caldate birth, int64_t grade)
{
    return (struct caldate){school_year(birth) + (int)grade, APRIL - 1, 31};
}
