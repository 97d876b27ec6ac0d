/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/operator/access.h"

#include "platform/member/access.h"
#include "platform/operator/store.h"
#include "platform/platform.h"

#include <string.h>

static int find_by_session(const struct http_call *call, struct audit_origin *ret, struct err *err)
{
    struct console_session session;

    TRY(console_find(call, &session, err));
    if (session.member.client_id[0] != '\0')
        return FAIL(err, ERR_DENIED, "this is for the platform's operator, and for no tenant");
    *ret = console_by(call, &session);
    return 0;
}

/* RFC 6750, 2.1. */
static int find_by_key(const struct http_call *call, struct audit_origin *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct platform *platform = call->context;
    const char *value = http_header(&call->request, "Authorization");
    const int64_t now = clock_now(platform->clock);
    struct operator_key key;
    struct digest hash;

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "this is for the platform's operator");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(value + strlen(scheme)), &hash, err));
    TRY(platform_get_operator_key(platform->store, &hash, now, &key, err));
    *ret = audit_by_role(now, "operator", key.id, call->request.trace_id);
    return 0;
}

int operator_find(const struct http_call *call, struct audit_origin *ret, struct err *err)
{
    const struct platform *platform = call->context;

    if (platform == NULL)
        return FAIL(err, ERR_DENIED, "this is for the platform's operator");
    if (console_is_shown(call))
        return find_by_session(call, ret, err);
    if (!http_peer_is_in(call, platform->operators.uids, platform->operators.count))
        return find_by_key(call, ret, err);
    *ret = audit_by_uid(clock_now(platform->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
    return 0;
}

static int check_operator(const struct http_call *call, struct err *err)
{
    struct audit_origin by;

    return operator_find(call, &by, err);
}

static int charge_operator(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct console_session session;

    (void)ret;
    if (!console_is_shown(call))
        return 0;
    TRY(console_find(call, &session, err));
    return platform_use_session(platform->store, &session, clock_now(platform->clock), err);
}

const struct http_access platform_operator = {
    "operator",
    check_operator,
    "Served on a Unix socket to the user ids listed as operators, or with an operator's key or "
    "the session of a member of the operator; never to a tenant.",
    .is_bearer = true,
    .cookie = CONSOLE_COOKIE,
    .charge = charge_operator,
};
