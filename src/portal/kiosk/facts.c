/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/facts.h"

#include "portal/municipality/connected.h"

#include <stdio.h>
#include <string.h>

const char *const kiosk_refusals[] = {[KIOSK_NOT_REFUSED] = "none",
                                      [KIOSK_UNAVAILABLE] = "unavailable",
                                      [KIOSK_PROTECTED] = "protected",
                                      [KIOSK_NO_HOUSEHOLD] = "no-household",
                                      [KIOSK_NO_SEAL] = "no-seal",
                                      [KIOSK_NO_TAX] = "no-tax",
                                      [KIOSK_FAMILY_ELSEWHERE] = "family-elsewhere",
                                      NULL};

void kiosk_facts_done(struct kiosk_facts *facts)
{
    json_freep(&facts->tax);
    wipe(facts, sizeof *facts);
}

/* ---- reading ---- */

static int absent_is_fine(int rc)
{
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int read_registers(struct holdings *holdings, const struct person_code *code,
                          struct kiosk_facts *ret, struct err *err)
{
    const struct holding tax = {.body = ret->body, .code = *code, .info = KIOSK_TAX_INFO};

    TRY(holdings_check_up(holdings, ret->body, err));
    TRY(absent_is_fine(civil_get(holdings, ret->body, code, &ret->household, err)));
    ret->self = household_find(&ret->household, code);
    TRY(absent_is_fine(civil_get_seal(holdings, ret->body, code, &ret->seal, err)));
    return absent_is_fine(holdings_read(holdings, &tax, &ret->tax, err));
}

int kiosk_facts_read(const struct portal *portal, const struct kiosk_order *order,
                     struct kiosk_facts *ret, struct err *err)
{
    const char *body;
    struct err why = {0};
    int rc;

    *ret = (struct kiosk_facts){.is_available = false};
    if (portal->holdings == NULL)
        return 0;
    ret->tables = holdings_tables(portal->holdings);
    body = municipality_body(ret->tables, order->municipality);
    ret->is_available = true;
    if (body == NULL || !order->has_local)
        return 0;
    (void)snprintf(ret->body, sizeof ret->body, "%s", body);
    rc = read_registers(portal->holdings, &order->local, ret, &why);
    if (rc == -ERR_NOMEM)
        return err_copy(err, &why);
    ret->is_available = rc == 0;
    return 0;
}

/* ---- judging ---- */

/* What each needs. Who else stands on it is looked at for protection. */
static const struct need {
    bool seal, tax, household, family, others;
} needs[] = {
    [KIOSK_RESIDENT] = {.seal = false},
    [KIOSK_RESIDENT_ITEMS] = {.seal = false},
    [KIOSK_HOUSEHOLD] = {.household = true, .others = true},
    [KIOSK_SEAL] = {.seal = true},
    [KIOSK_TAX] = {.tax = true},
    [KIOSK_FAMILY] = {.household = true, .family = true, .others = true},
    [KIOSK_FAMILY_ADDRESSES] = {.household = true, .family = true, .others = true},
};

/* The head of the household and the first of the family register are named by items. */
static bool is_protected(const struct kiosk_facts *facts, bool others)
{
    if (facts->self != NULL && facts->self->is_protected)
        return true;
    for (size_t i = 0; others && i < facts->household.count; i++)
        if (facts->household.people[i].is_protected)
            return true;
    return false;
}

const struct json *kiosk_facts_tax(const struct kiosk_facts *facts)
{
    const struct json *records, *newest = NULL;
    const char *last = "";

    if (facts->tax == NULL || json_get_array(facts->tax, "records", &records, NULL) < 0)
        return NULL;
    for (size_t i = 0; i < json_count(records); i++) {
        const char *day;

        if (json_get_text(json_at(records, i), "day", &day, NULL) < 0 || strcmp(day, last) <= 0)
            continue;
        newest = json_at(records, i);
        last = day;
    }
    return newest;
}

enum kiosk_refusal kiosk_facts_judge(const struct kiosk_facts *facts, enum kiosk_kind kind,
                                     unsigned items)
{
    const struct need *need = &needs[kind];

    if (!facts->is_available)
        return KIOSK_UNAVAILABLE;
    if (is_protected(facts, need->others || items != 0))
        return KIOSK_PROTECTED;
    if ((need->household || items != 0) && facts->self == NULL)
        return KIOSK_NO_HOUSEHOLD;
    if (need->family &&
        (strcmp(facts->household.origin_body, facts->body) != 0 || !civil_is_family(facts->self)))
        return KIOSK_FAMILY_ELSEWHERE;
    if (need->seal && facts->seal.number == 0)
        return KIOSK_NO_SEAL;
    if (need->tax && kiosk_facts_tax(facts) == NULL)
        return KIOSK_NO_TAX;
    return KIOSK_NOT_REFUSED;
}

int kiosk_facts_check(const struct kiosk_facts *facts, enum kiosk_kind kind, unsigned items,
                      struct err *err)
{
    switch (kiosk_facts_judge(facts, kind, items)) {
    case KIOSK_UNAVAILABLE:
        return FAIL(err, ERR_REMOTE, "the municipality's registers cannot be asked now; try again");
    case KIOSK_PROTECTED:
        return FAIL(err, ERR_CONFLICT,
                    "no machine gives this certificate; please come to the"
                    " counter of the municipality");
    case KIOSK_NO_HOUSEHOLD:
        return FAIL(err, ERR_CONFLICT, "the municipality's registers have no household of yours");
    case KIOSK_NO_SEAL:
        return FAIL(err, ERR_CONFLICT, "no seal of yours is registered");
    case KIOSK_NO_TAX:
        return FAIL(err, ERR_CONFLICT, "there is no local tax of yours to certify");
    case KIOSK_FAMILY_ELSEWHERE:
        return FAIL(err, ERR_CONFLICT, "another municipality has your family register");
    case KIOSK_NOT_REFUSED:
    case KIOSK_REFUSALS_:
        break;
    }
    return 0;
}
