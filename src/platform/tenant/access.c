/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/access.h"

#include "platform/platform.h"
#include "platform/tenant/tenant.h"

#include <string.h>

/* RFC 6750, 2.1. */
int tenant_bearer(const struct http_call *call, struct tenant *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct platform *platform = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a tenant's key is needed: Authorization: Bearer KEY");
    return tenant_of_key(platform->store, value + strlen(scheme), ret, err);
}

static int check_tenant(const struct http_call *call, struct err *err)
{
    struct tenant tenant;

    return tenant_bearer(call, &tenant, err);
}

const struct http_access platform_tenant_access = {
    "tenant", check_tenant, "With a tenant's key: Authorization: Bearer KEY.", .is_bearer = true};
