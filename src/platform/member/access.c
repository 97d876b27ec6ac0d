/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/member/access.h"

#include "platform/platform.h"

bool console_is_shown(const struct http_call *call)
{
    struct bytes value;

    return http_cookie_find(http_header(&call->request, "Cookie"), CONSOLE_COOKIE, &value);
}

int console_find(const struct http_call *call, struct console_session *ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct console_session session;
    struct digest hash;
    const char *cookie;

    TRY(http_cookie_get(call, CONSOLE_COOKIE, &cookie, err));
    if (cookie == NULL)
        return FAIL(err, ERR_DENIED, "this is for people who have logged in to the console");
    if (http_header(&call->request, "Authorization") != NULL)
        return FAIL(err, ERR_INPUT, "a key and a session in one request: show one of them");
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &hash, err));
    TRY(platform_get_session(platform->store, &hash, clock_now(platform->clock), &session, err));
    TRY(http_csrf_check(call, session.csrf, err));
    *ret = session;
    return 0;
}

struct audit_origin console_by(const struct http_call *call, const struct console_session *session)
{
    const struct platform *platform = call->context;

    return audit_by_role(clock_now(platform->clock), "member", session->member.id,
                         call->request.trace_id);
}

static int check_session(const struct http_call *call, struct err *err)
{
    struct console_session session;

    return console_find(call, &session, err);
}

/* Nothing is left to count, but that the session is in use. */
static int charge_session(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct console_session session;

    (void)ret;
    TRY(console_find(call, &session, err));
    return platform_use_session(platform->store, &session, clock_now(platform->clock), err);
}

const struct http_access platform_console = {
    "console",
    check_session,
    "With the session of somebody who has logged in to the console; changes need its X-CSRF-Token.",
    .cookie = CONSOLE_COOKIE,
    .charge = charge_session,
};
