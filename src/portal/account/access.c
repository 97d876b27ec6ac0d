/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/access.h"

#include "portal/mandate/mandate.h"
#include "portal/portal.h"

#include <string.h>

const char *citizen_cookie_name(const struct portal *portal, const char *name)
{
    return portal_is_public(portal) ? name : name + strlen("__Host-");
}

/* Rules that let somebody's proxy in, and with which mandate. */
static const struct {
    const struct http_access *access;
    enum mandate_scope scope;
} rules[] = {
    {&portal_information_of, MANDATE_INFORMATION},
    {&portal_notices_of, MANDATE_NOTICES},
    {&portal_history_of, MANDATE_HISTORY},
};

static unsigned scope_of(const struct http_call *call)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].access == call->route->access)
            return rules[i].scope;
    return 0;
}

static struct mandate_claim claim_of(const struct http_call *call, const struct session *session,
                                     unsigned scope)
{
    const struct portal *portal = call->context;

    return (struct mandate_claim){session->mandate, session->actor, scope,
                                  clock_now(portal->clock)};
}

/* From his own account to that of the one he acts for. */
static int act_for(const struct http_call *call, const char *mandate, unsigned scope,
                   struct session *session, struct err *err)
{
    const struct portal *portal = call->context;
    struct mandate_claim claim;

    if (scope == 0 || strlen(mandate) != sizeof session->mandate - 1)
        return FAIL(err, ERR_DENIED, "nobody acts for another here");
    memcpy(session->mandate, mandate, sizeof session->mandate);
    claim = claim_of(call, session, scope);
    return mandate_find(portal->store, &claim, &session->account, err);
}

int citizen_find_within(const struct http_call *call, unsigned scope, struct session *ret,
                        struct err *err)
{
    const struct portal *portal = call->context;
    const char *mandate = http_header(&call->request, PORTAL_ACTING_FIELD);
    struct session session;
    struct digest hash;
    const char *cookie;

    TRY(http_cookie_get(call, citizen_cookie_name(portal, PORTAL_COOKIE), &cookie, err));
    if (cookie == NULL)
        return FAIL(err, ERR_DENIED, "this is for people who have logged in");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &hash, err));
    TRY(portal_get_session(portal->store, &hash, clock_now(portal->clock), &session, err));
    TRY(http_csrf_check(call, session.csrf, err));
    if (mandate != NULL)
        TRY(act_for(call, mandate, scope, &session, err));
    *ret = session;
    return 0;
}

int citizen_find(const struct http_call *call, struct session *ret, struct err *err)
{
    return citizen_find_within(call, scope_of(call), ret, err);
}

struct audit_origin citizen_by(const struct http_call *call, const struct session *session)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "account", session->actor,
                         call->request.trace_id);
}

static int check_session(const struct http_call *call, struct err *err)
{
    struct session session;

    return citizen_find(call, &session, err);
}

int citizen_charge(struct http_call *call, unsigned scope, struct err *err)
{
    const struct portal *portal = call->context;
    struct mandate_claim claim;
    struct session session;
    struct audit_origin by;
    bool is_look;

    TRY(citizen_find_within(call, scope, &session, err));
    TRY(portal_use_session(portal->store, &session, clock_now(portal->clock), err));
    if (session.mandate[0] == '\0')
        return 0;
    by = citizen_by(call, &session);
    claim = claim_of(call, &session, scope);
    is_look = call->request.method == HTTP_GET || call->request.method == HTTP_HEAD;
    return mandate_use(portal->store, &claim, !is_look, &by, err);
}

/* Nothing is left to count, but that the session is in use. */
static int charge_session(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    (void)ret;
    return citizen_charge(call, scope_of(call), err);
}

#define PROXY_OF(name_, scope_)                                                                    \
    {                                                                                              \
        (name_), check_session,                                                                    \
            "With the session of somebody who has logged in, for himself or, with a mandate "      \
            "for " scope_ " named in " PORTAL_ACTING_FIELD ", for another; changes need its "      \
            "X-CSRF-Token.",                                                                       \
            .cookie = PORTAL_COOKIE, .charge = charge_session,                                     \
    }
const struct http_access portal_information_of = PROXY_OF("citizen-information", "information");
const struct http_access portal_notices_of = PROXY_OF("citizen-notices", "notices");
const struct http_access portal_history_of = PROXY_OF("citizen-history", "history");

const struct http_access portal_citizen = {
    "citizen",
    check_session,
    "With the session of somebody who has logged in; changes need its X-CSRF-Token.",
    .cookie = PORTAL_COOKIE,
    .charge = charge_session,
};
