/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/access.h"

#include "portal/portal.h"

#include <string.h>

const char *citizen_cookie_name(const struct portal *portal, const char *name)
{
    return portal_is_public(portal) ? name : name + strlen("__Host-");
}

int citizen_find(const struct http_call *call, struct session *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct session session;
    struct digest hash;
    const char *cookie;

    TRY(http_cookie_get(call, citizen_cookie_name(portal, PORTAL_COOKIE), &cookie, err));
    if (cookie == NULL)
        return FAIL(err, ERR_DENIED, "this is for people who have logged in");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &hash, err));
    TRY(portal_get_session(portal->store, &hash, clock_now(portal->clock), &session, err));
    TRY(http_csrf_check(call, session.csrf, err));
    *ret = session;
    return 0;
}

struct audit_origin citizen_by(const struct http_call *call, const struct session *session)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "account", session->account.id,
                         call->request.trace_id);
}

static int check_session(const struct http_call *call, struct err *err)
{
    struct session session;

    return citizen_find(call, &session, err);
}

/* Nothing is left to count, but that the session is in use. */
static int charge_session(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct session session;

    (void)ret;
    TRY(citizen_find(call, &session, err));
    return portal_use_session(portal->store, &session, clock_now(portal->clock), err);
}

const struct http_access portal_citizen = {
    "citizen",
    check_session,
    "With the session of somebody who has logged in; changes need its X-CSRF-Token.",
    .cookie = PORTAL_COOKIE,
    .charge = charge_session,
};
