/* SPDX-License-Identifier: Apache-2.0 */
#include "register/right.h"

#include "register/refusal.h"

#include <string.h>

const struct right rights[] = {
    {"addResident", NULL, ROLE_REGISTRAR, false, PLACE_NEW, true},
    {"move", NULL, ROLE_REGISTRAR, false, PLACE_RESIDENT, false},
    {"actOnResident", NULL, ROLE_REGISTRAR, false, PLACE_RESIDENT, false},

    {"assignCard", NULL, ROLE_ISSUER, false, PLACE_HOLDER, false},
    {"issue", NULL, ROLE_ISSUER, true, PLACE_CARD, false},
    {"makePersonalFiles", NULL, ROLE_ISSUER, false, PLACE_CARD, true},
    {"activateCard", NULL, ROLE_ISSUER, false, PLACE_CARD, false},

    /* At the telephone nobody else is there, and a card that is lost must not wait. */
    {"actOnCard", "loss", ROLE_LOSS_LINE, false, PLACE_ANY, false},
    {"actOnCard", "loss", ROLE_REGISTRAR, true, PLACE_CARD, false},
    {"actOnCard", "pin-reset", ROLE_ISSUER, true, PLACE_CARD, false},
    {"actOnCard", NULL, ROLE_REGISTRAR, false, PLACE_CARD, false},

    {"confirmFiling", NULL, ROLE_APPROVER, false, PLACE_ANY, false},
    {"withdrawFiling", NULL, ROLE_REGISTRAR, false, PLACE_ANY, false},
    {"withdrawFiling", NULL, ROLE_ISSUER, false, PLACE_ANY, false},

    {"addClerk", NULL, ROLE_ADMINISTRATOR, false, PLACE_APPLICATION, false},
    {"setClerkRoles", NULL, ROLE_ADMINISTRATOR, false, PLACE_CLERK, false},
    {"blockClerk", NULL, ROLE_ADMINISTRATOR, false, PLACE_CLERK, false},
    {"bindClerkCard", NULL, ROLE_ADMINISTRATOR, false, PLACE_CLERK, false},
    {.operation = NULL},
};

static const char *act_of(const struct json *body)
{
    const char *act = NULL;

    if (body != NULL && json_has(body, "act") && json_get_text(body, "act", &act, NULL) < 0)
        return NULL;
    return act;
}

static bool is_named(const struct right *right, const char *operation, const char *act)
{
    return strcmp(right->operation, operation) == 0 && right->act != NULL && act != NULL &&
           strcmp(right->act, act) == 0;
}

static bool has_rows_for(const char *operation, const char *act)
{
    for (const struct right *right = rights; right->operation != NULL; right++) {
        if (is_named(right, operation, act))
            return true;
    }
    return false;
}

int right_find(const char *operation, const struct json *body, unsigned roles,
               const struct right **ret, struct err *err)
{
    const char *act = act_of(body);
    bool is_named_act = has_rows_for(operation, act);
    const struct right *found = NULL;

    for (const struct right *right = rights; right->operation != NULL; right++) {
        bool applies = is_named_act
                           ? is_named(right, operation, act)
                           : strcmp(right->operation, operation) == 0 && right->act == NULL;

        if (!applies || (roles & CLERK_ROLE_BIT(right->role)) == 0)
            continue;
        if (found == NULL || (found->needs_second && !right->needs_second))
            found = right;
    }
    if (found == NULL)
        return refuse(err, REFUSED_ROLE);
    *ret = found;
    return 0;
}
