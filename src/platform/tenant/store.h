/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants as they are kept (platform/store.h). */
#pragma once

#include "crypto/digest.h"
#include "platform/limits.h"
#include "platform/store.h"

/* A provider. */
struct tenant {
    char client_id[CLIENT_ID_MAX + 1];
    char name[TENANT_NAME_MAX + 1]; /* as people read it */
    char origin[TENANT_ORIGIN_MAX + 1];
};

/* key is the SHA-256 of its bearer key. ERR_CONFLICT if the client id is taken. */
MUST_CHECK int platform_add_tenant(struct platform_store *store, const struct tenant *tenant,
                                   const struct digest *key, const struct audit_origin *by,
                                   struct err *err);
/* Another key in the place of the old one. ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_set_tenant_key(struct platform_store *store, const char *client_id,
                                       const struct digest *key, const struct audit_origin *by,
                                       struct err *err);
/* ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_get_tenant(struct platform_store *store, const char *client_id,
                                   struct tenant *ret, struct err *err);
/* ERR_ABSENT if the key is nobody's. */
MUST_CHECK int platform_get_tenant_by_key(struct platform_store *store, const struct digest *key,
                                          struct tenant *ret, struct err *err);
