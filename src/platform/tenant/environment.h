/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test environment of a provider that is live: a tenant of its own under the provider's client
 * id and ".test". Nothing is shared: keys, members, verifications, pseudonyms, consents, webhooks,
 * rates and quotas are apart as those of two providers are. What the operator or the authority gave
 * the live one (a verifier's rights, its notice) it does not have.
 */
#pragma once

#include "platform/tenant/tenant.h"

struct environment_wish {
    const struct tenant *live; /* whose it will be */
    const char *origin;        /* where it is; NULL: where the live one is */
};
/*
 * ret_key is an owner's of the new tenant, told once. ERR_CONFLICT if the wish is of a test
 * environment, or there is one already, or its client id is somebody's; ERR_INPUT for an origin
 * that is none, and if the client id would be longer than CLIENT_ID_MAX.
 */
MUST_CHECK int environment_make(struct platform_store *store, const struct environment_wish *wish,
                                const struct audit_origin *by, struct tenant *ret,
                                char ret_key[TENANT_KEY_SIZE], struct err *err);
