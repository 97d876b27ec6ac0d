/* SPDX-License-Identifier: Apache-2.0 */
#include "register/arrival.h"

#include "register/act.h"

#include <string.h>

const char *const arrival_reason_names[] = {
    [ARRIVED_BY_BIRTH] = "birth",
    [ARRIVED_FROM_ABROAD] = "from-abroad",
    [ARRIVALS_] = NULL,
};

int arrival_reason_parse(const char *name, enum arrival_reason *ret, struct err *err)
{
    for (unsigned i = 0; i < ARRIVALS_; i++) {
        if (strcmp(arrival_reason_names[i], name) == 0) {
            *ret = (enum arrival_reason)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "reason is none for which somebody is registered");
}

static int days_check(const struct resident *resident, const struct arrival *arrival,
                      struct caldate today, struct err *err)
{
    if (!caldate_is_valid(arrival->since) || caldate_compare(arrival->since, today) > 0)
        return FAIL(err, ERR_INPUT, "since is no day, or one to come");
    if (caldate_compare(arrival->since, resident->birth) < 0)
        return FAIL(err, ERR_INPUT, "since is before the day of birth");
    if (arrival->reason == ARRIVED_BY_BIRTH &&
        caldate_compare(arrival->since, resident->birth) != 0)
        return FAIL(err, ERR_INPUT, "since is another day than that of the birth");
    if (resident->stay_until.year != 0 && caldate_compare(resident->stay_until, today) < 0)
        return FAIL(err, ERR_INPUT, "stay_until is a day that is over");
    return 0;
}

int counter_add_arrival(const struct counter *counter, struct resident *resident,
                        const struct arrival *arrival, const struct audit_origin *by,
                        bool *ret_is_new, struct err *err)
{
    CLEANUP(resident_numbers_done) struct resident_numbers numbers = RESIDENT_NUMBERS_INIT;
    const struct arrival_order order = {
        .arrival = arrival, .by = by, .numbers = &numbers, .rule = counter->rule};
    struct caldate today = caltime_at(by->at, JST_OFFSET_SECONDS).date;

    TRY(act_id_check(arrival->request_id, err));
    TRY(resident_check(resident, counter->municipalities, today, err));
    TRY(days_check(resident, arrival, today, err));
    if (arrival->numbers.mynumber != NULL)
        TRY(mynumber_parse(arrival->numbers.mynumber, counter->rule, &numbers.number, err));
    TRY(resident_code_parse(arrival->numbers.resident_code, counter->rule, &numbers.code, err));
    return register_add_arrival(counter->store, resident, &order, ret_is_new, err);
}
