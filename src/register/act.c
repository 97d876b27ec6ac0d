/* SPDX-License-Identifier: Apache-2.0 */
/* Acts at the counter and at the telephone: what is told is checked, done, and delivered. */
#include "register/act.h"

#include "register/outbox.h"

#include <stddef.h>
#include <string.h>

int act_id_check(const char *id, struct err *err)
{
    size_t len = strlen(id);

    if (len == 0 || len > ACT_ID_MAX ||
        strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") != len)
        return FAIL(err, ERR_INPUT, "request_id is not 1 to %d letters, digits and hyphens",
                    ACT_ID_MAX);
    return 0;
}

/* What an act may be told. The order is that of the details, which are compared later. */
#define TOLD(bit_, member_, is_optional_)                                                          \
    {                                                                                              \
        (bit_), (is_optional_), #member_, offsetof(struct act_told, member_)                       \
    }
static const struct told_member {
    unsigned bit;
    bool is_optional;
    const char *name;
    size_t offset;
} members[] = {
    TOLD(TELLS_NAME, name, false),
    TOLD(TELLS_NAME, name_substitutes, true),
    TOLD(TELLS_ADDRESS, address, false),
    TOLD(TELLS_ADDRESS, address_substitutes, true),
    TOLD(TELLS_ADDRESS, municipality, false),
    TOLD(TELLS_NAME, registered_name, true),
    TOLD(TELLS_NAME, kana, true),
    TOLD(TELLS_NAME, former_name, true),
    TOLD(TELLS_ADDRESS, registered_address, true),
    TOLD(TELLS_SEX, sex, false),
    TOLD(TELLS_BIRTH, birth_date, false),
    TOLD(TELLS_DATE, date, false),
    TOLD(TELLS_STAY, stay_until, false),
    TOLD(TELLS_PIN, pin, false),
};
#undef TOLD

enum { MEMBERS = sizeof members / sizeof members[0] };

static const char *value_of(const struct act_told *told, const struct told_member *member)
{
    const char *value;

    memcpy(&value, (const char *)told + member->offset, sizeof value);
    return value;
}

/* All that the act needs is told, and nothing that would be lost. */
static int told_check(const struct life_act *act, const struct act_told *told, struct err *err)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct told_member *member = &members[i];
        bool is_given = value_of(told, member) != NULL;

        if ((act->tells & member->bit) == 0 && is_given)
            return FAIL(err, ERR_INPUT, "%s has nothing to do with the act %s", member->name,
                        act->name);
        if ((act->tells & member->bit) != 0 && !is_given && !member->is_optional)
            return FAIL(err, ERR_INPUT, "the act %s needs %s", act->name, member->name);
    }
    return 0;
}

static int write_details(const struct life_act *act, const struct act_told *told, struct buf *ret,
                         struct err *err)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *value = value_of(told, &members[i]);

        if ((act->tells & members[i].bit) != 0 && value != NULL && value[0] != '\0')
            TRY(buf_append_format(ret, err, "%s=%s\n", members[i].name, value));
    }
    return 0;
}

static int put(const char *name, const char *text, char *ret, size_t size, struct err *err)
{
    const char *given = text == NULL ? "" : text;

    if (strlen(given) >= size)
        return FAIL(err, ERR_INPUT, "%s is too long", name);
    memcpy(ret, given, strlen(given) + 1);
    return 0;
}

static int change_name(const struct act_told *told, struct resident *r, struct err *err)
{
    TRY(put("name", told->name, r->name, sizeof r->name, err));
    TRY(put("registered_name", told->registered_name, r->registered_name, sizeof r->registered_name,
            err));
    TRY(put("kana", told->kana, r->kana, sizeof r->kana, err));
    TRY(put("former_name", told->former_name, r->former_name, sizeof r->former_name, err));
    return put("name_substitutes", told->name_substitutes, r->name_substitutes,
               sizeof r->name_substitutes, err);
}

static int change_address(const struct act_told *told, struct resident *r, struct err *err)
{
    TRY(put("address", told->address, r->address, sizeof r->address, err));
    TRY(put("registered_address", told->registered_address, r->registered_address,
            sizeof r->registered_address, err));
    TRY(put("address_substitutes", told->address_substitutes, r->address_substitutes,
            sizeof r->address_substitutes, err));
    return put("municipality", told->municipality, r->municipality, sizeof r->municipality, err);
}

static int change_stay(const struct act_told *told, struct caldate today, struct resident *r,
                       struct err *err)
{
    TRY(err_prefix(err, caldate_parse_iso(told->stay_until, &r->stay_until, err), "stay_until"));
    if (caldate_compare(r->stay_until, today) < 0)
        return FAIL(err, ERR_INPUT, "stay_until is a day that is over");
    return 0;
}

/* The resident as it will be. */
static int change(const struct counter *counter, const struct life_act *act,
                  const struct act_entry *entry, struct resident *r, struct err *err)
{
    struct caldate today = caltime_at(entry->by->at, JST_OFFSET_SECONDS).date;

    TRY(register_get_resident(counter->store, entry->resident, r, err));
    if (act->tells & TELLS_NAME)
        TRY(change_name(&entry->told, r, err));
    if (act->tells & TELLS_ADDRESS)
        TRY(change_address(&entry->told, r, err));
    if (act->tells & TELLS_SEX)
        TRY(sex_parse(entry->told.sex, &r->sex, err));
    if (act->tells & TELLS_BIRTH)
        TRY(err_prefix(err, caldate_parse_iso(entry->told.birth_date, &r->birth, err),
                       "birth_date"));
    if (act == life_naturalisation)
        r->stay_until = (struct caldate){0, 0, 0};
    if (act->tells & TELLS_STAY)
        TRY(change_stay(&entry->told, today, r, err));
    return resident_check(r, counter->municipalities, today, err);
}

/* Flags that were not given are what the check of the resident has made of them. */
static struct act_told complete(const struct life_act *act, const struct act_told *told,
                                const struct resident *r)
{
    struct act_told all = *told;

    if (act->tells & TELLS_NAME)
        all.name_substitutes = r->name_substitutes;
    if (act->tells & TELLS_ADDRESS)
        all.address_substitutes = r->address_substitutes;
    return all;
}

static int do_act(const struct counter *counter, const struct life_act *act,
                  const struct act_entry *entry, bool *ret_is_new, struct err *err)
{
    CLEANUP(buf_done) struct buf details = BUF_INIT;
    struct resident after = {.id = ""};
    struct act_order order = {.request_id = entry->request_id,
                              .act = act,
                              .resident = entry->resident,
                              .card = entry->card};
    struct act_told told = entry->told;

    if (!act->is_of_card) {
        TRY(change(counter, act, entry, &after, err));
        order.change = &after;
        told = complete(act, &entry->told, &after);
    }
    if (act->tells & TELLS_DATE)
        TRY(err_prefix(err, caldate_parse_iso(told.date, &order.told, err), "date"));
    TRY(write_details(act, &told, &details, err));
    TRY(buf_text(&details, &order.details, err));
    return register_act(counter->store, &order, entry->by, ret_is_new, err);
}

/* What the act left. */
static int look(const struct counter *counter, const struct act_entry *entry, struct act_done *ret,
                struct err *err)
{
    const char *resident = entry->resident;

    TRY(register_get_revocation_state(counter->store, entry->request_id, &ret->revocation, err));
    if (entry->card != NULL) {
        TRY(register_get_card(counter->store, entry->card, &ret->card, err));
        resident = ret->card.resident;
    }
    return register_get_resident(counter->store, resident, &ret->resident, err);
}

int counter_act(const struct counter *counter, const struct act_entry *entry,
                const char *traceparent, struct act_done *ret, struct err *err)
{
    const struct life_act *act;
    struct act_done done = {.is_new = false};
    struct delivered counts;

    TRY(act_id_check(entry->request_id, err));
    TRY(life_act_find(entry->act, entry->card != NULL, &act, err));
    TRY(told_check(act, &entry->told, err));
    TRY(do_act(counter, act, entry, &done.is_new, err));
    /* What is not delivered now stays pending and is delivered later: no failure of the act. */
    (void)!outbox_deliver(counter, traceparent, &counts, NULL);
    TRY(look(counter, entry, &done, err));
    *ret = done;
    return 0;
}
