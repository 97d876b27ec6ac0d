/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/environment.h"

#include <stdio.h>
#include <string.h>

static const char suffix[] = ".test";

int environment_make(struct platform_store *store, const struct environment_wish *wish,
                     const struct audit_origin *by, struct tenant *ret,
                     char ret_key[TENANT_KEY_SIZE], struct err *err)
{
    const struct tenant *live = wish->live;
    struct tenant_inputs inputs = {.name = live->name,
                                   .origin = wish->origin == NULL ? live->origin : wish->origin,
                                   .rules = live->rules};
    char client_id[sizeof live->client_id + sizeof suffix];

    if (live->rules.environment != ENVIRONMENT_LIVE)
        return FAIL(err, ERR_CONFLICT, "a test environment has none of its own");
    (void)snprintf(client_id, sizeof client_id, "%s%s", live->client_id, suffix);
    inputs.client_id = client_id;
    inputs.rules.environment = ENVIRONMENT_TEST;
    TRY(tenant_add_test(store, live->client_id, &inputs, by, ret_key, err));
    return platform_get_tenant(store, client_id, ret, err);
}
