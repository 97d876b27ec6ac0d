/* SPDX-License-Identifier: Apache-2.0 */
#include "register/daily.h"

#include <stdio.h>
#include <string.h>

/* One act of the day; the same one on a later day has another id, in case a card got more time. */
static int end_card(const struct counter *counter, const struct card *card,
                    const struct life_act *act, int64_t now, struct err *err)
{
    const struct audit_origin by = audit_by_self(now);
    char day[CALTIME_TEXT_SIZE];
    char id[ACT_ID_MAX + 1];
    const struct act_order order = {
        .request_id = id, .act = act, .card = card->serial, .details = ""};
    bool is_new;

    caldate_format_basic(caltime_at(now, JST_OFFSET_SECONDS).date, day);
    (void)snprintf(id, sizeof id, "%s-%s-%s", act->name, card->serial, day);
    return register_act(counter->store, &order, &by, &is_new, err);
}

int daily_run(const struct counter *counter, struct ended *ret, struct err *err)
{
    int64_t now = clock_now(counter->clock);
    struct caldate today = caltime_at(now, JST_OFFSET_SECONDS).date;
    char behind[CARD_SERIAL_MAX + 1] = "";

    *ret = (struct ended){0};
    for (;;) {
        const struct life_act *act;
        struct card card;
        int rc = register_find_over(counter->store, today, behind, &card, &act, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        memcpy(behind, card.serial, sizeof behind);
        rc = end_card(counter, &card, act, now, err);
        if (rc < 0 && rc != -ERR_CONFLICT)
            return rc;
        ret->waiting += rc < 0;
        ret->lapsed += rc == 0 && act == life_lapse;
        ret->expired += rc == 0 && act == life_expire;
    }
}
