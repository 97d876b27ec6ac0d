/* SPDX-License-Identifier: Apache-2.0 */
/* Whose key a request has, or whose session. */
#include "portal/account/access.h"
#include "portal/municipality/staff.h"
#include "portal/portal.h"

#include <string.h>

/* RFC 6750, 2.1; NULL if there is no such field. */
static const char *key_of(const struct http_call *call)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return NULL;
    return value + strlen(scheme);
}

/* Whoever acts for another by a mandate is refused: it brings no duties. */
static int find(const struct http_call *call, enum municipality_role role,
                struct municipality_key *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct db *db = portal_store_db(portal->store);
    const char *key = key_of(call);
    struct municipality_key found;
    struct session session;

    if (key == NULL) {
        TRY(citizen_find(call, &session, err));
        return municipality_staff_find(db, session.account.id, role, ret, err);
    }
    TRY(municipality_key_find(db, key, &found, err));
    if (found.role != role)
        return FAIL(err, ERR_DENIED, "this is not for the role %s", municipality_roles[found.role]);
    *ret = found;
    return 0;
}

int municipality_bearer(const struct http_call *call, struct municipality_key *ret, struct err *err)
{
    const bool is_editor = call->route->access == &portal_editor;

    return find(call, is_editor ? MUNICIPALITY_EDITOR : MUNICIPALITY_CLERK, ret, err);
}

struct audit_origin municipality_by(const struct http_call *call,
                                    const struct municipality_key *key)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), municipality_roles[key->role], key->id,
                         call->request.trace_id);
}

static int check_clerk(const struct http_call *call, struct err *err)
{
    struct municipality_key key;

    return find(call, MUNICIPALITY_CLERK, &key, err);
}

static int check_editor(const struct http_call *call, struct err *err)
{
    struct municipality_key key;

    return find(call, MUNICIPALITY_EDITOR, &key, err);
}

/* A session that is worked with does not end. */
static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    return key_of(call) == NULL ? portal_citizen.charge(call, ret, err) : 0;
}

const struct http_access portal_clerk = {
    "municipality-clerk",
    check_clerk,
    "With a clerk's key of a municipality, Authorization: Bearer KEY, or with the session of one "
    "of its clerks.",
    .is_bearer = true,
    .cookie = PORTAL_COOKIE,
    .charge = charge,
};
const struct http_access portal_editor = {
    "municipality-editor",
    check_editor,
    "With an editor's key of a municipality, Authorization: Bearer KEY, or with the session of one "
    "of its editors.",
    .is_bearer = true,
    .cookie = PORTAL_COOKIE,
    .charge = charge,
};
