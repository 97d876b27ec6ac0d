/* SPDX-License-Identifier: Apache-2.0 */
/* Whose key a request has. */
#include "portal/municipality/key.h"

#include "portal/portal.h"

#include <string.h>

/* RFC 6750, 2.1. */
int municipality_bearer(const struct http_call *call, struct municipality_key *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct portal *portal = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a municipality's key is needed: Authorization: Bearer KEY");
    return municipality_key_find(portal_store_db(portal->store), value + strlen(scheme), ret, err);
}

struct audit_origin municipality_by(const struct http_call *call,
                                    const struct municipality_key *key)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), municipality_roles[key->role], key->id,
                         call->request.trace_id);
}

static int check(const struct http_call *call, enum municipality_role role, struct err *err)
{
    struct municipality_key key;

    TRY(municipality_bearer(call, &key, err));
    if (key.role != role)
        return FAIL(err, ERR_DENIED, "this is not for the role %s", municipality_roles[key.role]);
    return 0;
}

static int check_clerk(const struct http_call *call, struct err *err)
{
    return check(call, MUNICIPALITY_CLERK, err);
}

static int check_editor(const struct http_call *call, struct err *err)
{
    return check(call, MUNICIPALITY_EDITOR, err);
}

const struct http_access portal_clerk = {
    "municipality-clerk", check_clerk,
    "With a clerk's key of a municipality: Authorization: Bearer KEY.", .is_bearer = true};
const struct http_access portal_editor = {
    "municipality-editor", check_editor,
    "With an editor's key of a municipality: Authorization: Bearer KEY.", .is_bearer = true};
