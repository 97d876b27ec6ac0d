/* SPDX-License-Identifier: Apache-2.0 */
#include "register/sight.h"

#include "register/clerk_store.h"
#include "register/refusal.h"

int sight_session(const struct http_call *call, unsigned roles, struct session *ret,
                  struct err *err)
{
    const struct counter *counter = call->context;
    struct session session;
    struct clerk clerk;

    TRY(register_session(call, &session, err));
    TRY(register_get_clerk(counter->store, session.clerk, &clerk, err));
    if ((clerk.roles & roles) == 0)
        return refuse(err, REFUSED_ROLE);
    *ret = session;
    return 0;
}

/* Refused with clerk-municipality for somebody who is no concern of the session's counter. */
static int sight_check(const struct session *session, const struct resident *resident,
                       struct err *err)
{
    if (clerk_covers(session->counter, resident->municipality) ||
        resident->standing == STANDING_LEAVING || resident->standing == STANDING_ABROAD)
        return 0;
    return refuse(err, REFUSED_PLACE);
}

int sight_resident(const struct http_call *call, const char *id, struct resident *ret,
                   struct err *err)
{
    const struct counter *counter = call->context;
    struct session session;
    struct resident resident;

    TRY(sight_session(call, SIGHT_READ, &session, err));
    TRY(register_get_resident(counter->store, id, &resident, err));
    TRY(sight_check(&session, &resident, err));
    *ret = resident;
    return 0;
}

int sight_card(const struct http_call *call, const char *serial, struct card *ret, struct err *err)
{
    const struct counter *counter = call->context;
    struct session session;
    struct resident holder;
    struct card card;

    TRY(sight_session(call, SIGHT_READ, &session, err));
    TRY(register_get_card(counter->store, serial, &card, err));
    TRY(register_get_resident(counter->store, card.resident, &holder, err));
    TRY(sight_check(&session, &holder, err));
    *ret = card;
    return 0;
}
