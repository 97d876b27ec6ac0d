/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/access.h"

#include "base/clock.h"
#include "platform/member/access.h"
#include "platform/platform.h"
#include "platform/tenant/sources.h"
#include "platform/tenant/tenant.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_MAX = 64 };

/*
 * Where a request comes from, as the web server in front says on the Unix socket in the last
 * address of X-Forwarded-For; what stands before that is the sender's own claim, and so is all of
 * it on the port, where nobody is in front. Without one it is from here.
 */
static void source_of(const struct http_call *call, char ret[ADDRESS_MAX])
{
    const char *field = call->request.peer.is_unix ? http_header(&call->request, "X-Forwarded-For")
                                                   : NULL;
    const char *last = field == NULL ? NULL : strrchr(field, ',');

    if (field == NULL)
        field = "127.0.0.1";
    if (last != NULL)
        field = last + 1;
    field += strspn(field, " \t");
    (void)snprintf(ret, ADDRESS_MAX, "%.*s", (int)strcspn(field, " \t"), field);
}

/* RFC 6750, 2.1. */
static int find_by_key(const struct http_call *call, struct tenant *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct platform *platform = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a tenant's key is needed: Authorization: Bearer KEY");
    return tenant_of_key(platform->store, value + strlen(scheme), clock_now(platform->clock), ret,
                         err);
}

static int find_by_session(const struct http_call *call, struct tenant *ret, struct err *err)
{
    const struct platform *platform = call->context;
    const struct member *member;
    struct console_session session;
    struct tenant tenant;

    TRY(console_find(call, &session, err));
    member = &session.member;
    if (member->client_id[0] == '\0')
        return FAIL(err, ERR_DENIED, "this is for members of a tenant");
    TRY(platform_get_tenant(platform->store, member->client_id, &tenant, err));
    tenant.is_member = true;
    tenant.key = (struct tenant_key){.role = member->role};
    _Static_assert(sizeof tenant.key.id == sizeof member->id, "both are names of the same form");
    memcpy(tenant.key.id, member->id, sizeof tenant.key.id);
    *ret = tenant;
    return 0;
}

int tenant_bearer(const struct http_call *call, struct tenant *ret, struct err *err)
{
    char source[ADDRESS_MAX];
    struct tenant tenant;

    if (console_is_shown(call))
        TRY(find_by_session(call, &tenant, err));
    else
        TRY(find_by_key(call, &tenant, err));
    source_of(call, source);
    if (!sources_have(tenant.rules.sources, source))
        return FAIL(err, ERR_DENIED, "this tenant does not ask from there");
    *ret = tenant;
    return 0;
}

struct audit_origin tenant_by(const struct http_call *call, const struct tenant *tenant)
{
    const struct platform *platform = call->context;

    return audit_by_role(clock_now(platform->clock), tenant->is_member ? "member" : "tenant",
                         tenant->is_member ? tenant->key.id : tenant->client_id,
                         call->request.trace_id);
}

static int check_role(const struct http_call *call, unsigned roles, struct err *err)
{
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    if ((roles & 1U << tenant.key.role) == 0)
        return FAIL(err, ERR_DENIED, "this is not for the role %s", tenant_roles[tenant.key.role]);
    return 0;
}

static int check_worker(const struct http_call *call, struct err *err)
{
    return check_role(call, 1U << ROLE_OWNER | 1U << ROLE_DEVELOPER, err);
}

static int check_reader(const struct http_call *call, struct err *err)
{
    return check_role(call, 1U << ROLE_OWNER | 1U << ROLE_DEVELOPER | 1U << ROLE_AUDITOR, err);
}

static int check_member(const struct http_call *call, struct err *err)
{
    return check_role(call, ~0U, err);
}

static int check_owner(const struct http_call *call, struct err *err)
{
    return check_role(call, 1U << ROLE_OWNER, err);
}

static int charge_rate(const struct tenant *tenant, struct limiter *limiter,
                       struct http_allowance *ret, struct err *err)
{
    const int64_t rate = tenant->rules.rate == 0 ? TENANT_RATE : tenant->rules.rate;
    struct limiter_answer answer;

    TRY(limiter_take(limiter, tenant->client_id, rate, monotonic_us(), &answer, err));
    *ret = (struct http_allowance){.is_there = true,
                                   .is_over = answer.is_over,
                                   .limit = rate,
                                   .remaining = answer.remaining,
                                   .wait_s = answer.wait_s};
    return answer.is_over ? FAIL(err, ERR_REMOTE, "this tenant asks more than %lld times a second",
                                 (long long)rate)
                          : 0;
}

/* Only what is judged is charged, when it is; somebody over his quota need not have it judged. */
static int charge_quota(const struct http_call *call, const struct tenant *tenant,
                        struct http_allowance *ret, struct err *err)
{
    const struct platform *platform = call->context;
    int64_t now = clock_now(platform->clock);
    int64_t used;

    if (tenant->rules.quota == 0 || call->request.method != HTTP_POST)
        return 0;
    TRY(platform_count_usage(platform->store, tenant->client_id, now, &used, err));
    if (used < tenant->rules.quota)
        return 0;
    ret->is_over = true;
    ret->wait_s = usage_month_of(now).ends_at - now;
    return FAIL(err, ERR_REMOTE, "this month's quota is used up");
}

static int note_use(const struct http_call *call, const struct tenant *tenant, struct err *err)
{
    const struct platform *platform = call->context;
    const int64_t now = clock_now(platform->clock);
    struct console_session session;

    if (!tenant->is_member)
        return platform_use_tenant_key(platform->store, &tenant->key, now, err);
    TRY(console_find(call, &session, err));
    return platform_use_session(platform->store, &session, now, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(charge_rate(&tenant, platform_limiter(platform->store), ret, err));
    TRY(charge_quota(call, &tenant, ret, err));
    return note_use(call, &tenant, err);
}

#define BEARER(title, function, words)                                                             \
    {                                                                                              \
        title, function, words, .is_bearer = true, .cookie = CONSOLE_COOKIE, .charge = charge      \
    }
const struct http_access platform_tenant_access = BEARER(
    "tenant", check_worker,
    "With a tenant's key, an owner's or a developer's: Authorization: "
    "Bearer KEY; or with the session of such a member.");
const struct http_access platform_tenant_reader = BEARER(
    "tenant-reader", check_reader,
    "With a tenant's key or a member's session, of any role but billing.");
const struct http_access platform_tenant_member = BEARER(
    "tenant-member", check_member, "With a tenant's key or a member's session, of any role.");
const struct http_access platform_tenant_owner = BEARER(
    "tenant-owner", check_owner, "With an owner's key of the tenant, or his session.");
