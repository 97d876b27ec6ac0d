/* SPDX-License-Identifier: Apache-2.0 */
/* Moves at the counter (pki.md 4): the address changes, so the sign certificate ends. */
#include "register/outbox.h"

#include <stdio.h>
#include <string.h>

static int id_check(const char *id, struct err *err)
{
    size_t len = strlen(id);

    if (len == 0 || len > MOVE_ID_MAX ||
        strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") != len)
        return FAIL(err, ERR_INPUT, "request_id is not 1 to %d letters, digits and hyphens",
                    MOVE_ID_MAX);
    return 0;
}

static int put(const char *name, const char *text, char *ret, size_t size, struct err *err)
{
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s is too long", name);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

/* The resident as it will be. */
static int change(const struct move_entry *entry, struct resident *r, struct err *err)
{
    const char *substitutes = entry->address_substitutes == NULL ? "" : entry->address_substitutes;

    TRY(put("address", entry->address, r->address, sizeof r->address, err));
    TRY(put("address_substitutes", substitutes, r->address_substitutes,
            sizeof r->address_substitutes, err));
    return put("municipality", entry->municipality, r->municipality, sizeof r->municipality, err);
}

int counter_move(const struct counter *counter, const struct move_entry *entry,
                 const char *traceparent, struct resident *ret, enum revocation_state *ret_state,
                 struct err *err)
{
    struct move move = {.request_id = entry->request_id};
    struct caldate today = caltime_at(entry->by->at, JST_OFFSET_SECONDS).date;
    struct delivered counts;
    enum revocation_state state;
    bool is_new;

    TRY(id_check(entry->request_id, err));
    TRY(register_get_resident(counter->store, entry->resident, &move.resident, err));
    TRY(change(entry, &move.resident, err));
    TRY(resident_check(&move.resident, counter->municipalities, today, err));
    TRY(register_move(counter->store, &move, entry->by, &is_new, err));
    /* What is not delivered now stays pending and is delivered later: no failure of the move. */
    (void)!outbox_deliver(counter, traceparent, &counts, NULL);
    TRY(register_get_revocation_state(counter->store, entry->request_id, &state, err));
    *ret = move.resident;
    *ret_state = state;
    return 0;
}
