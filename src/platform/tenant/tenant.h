/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants: the providers that a platform verifies for. Each proves itself by a bearer key, of
 * which only the hash is kept. */
#pragma once

#include "platform/tenant/store.h"

enum { TENANT_KEY_SIZE = 44 }; /* 32 octets in base64url and a NUL */

struct tenant_inputs {
    const char *client_id;
    const char *name;
    const char *origin; /* "https://host[:port]"; http for loopback only */
    struct tenant_rules rules;
};

/*
 * Add a tenant; ret_key is told once and never again. ERR_INPUT, naming the field, for what is not
 * as platform/limits.h says; ERR_CONFLICT if the client id is taken.
 */
MUST_CHECK int tenant_add(struct platform_store *store, const struct tenant_inputs *inputs,
                          const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE],
                          struct err *err);

/* The same for the test environment of a tenant that is there; ERR_CONFLICT also if it has one. */
MUST_CHECK int tenant_add_test(struct platform_store *store, const char *live,
                               const struct tenant_inputs *inputs, const struct audit_origin *by,
                               char ret_key[TENANT_KEY_SIZE], struct err *err);

/*
 * Give a tenant that is there another key, for one that was lost: the old one is nobody's from now
 * on. ERR_ABSENT if there is no such tenant.
 */
MUST_CHECK int tenant_renew_key(struct platform_store *store, const char *client_id,
                                const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE],
                                struct err *err);

/* Another key of a tenant. */
struct key_inputs {
    const char *client_id;
    const char *name;   /* who will have it */
    const char *role;   /* one of tenant_roles */
    int64_t expires_at; /* UTC seconds; 0: never */
};
/* ret_key is told once. ERR_INPUT, naming the field; else as platform_add_tenant_key. */
MUST_CHECK int tenant_add_key(struct platform_store *store, const struct key_inputs *inputs,
                              const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE],
                              struct tenant_key *ret, struct err *err);

/* Whose bearer key this is at that moment; ERR_DENIED if it is nobody's. */
MUST_CHECK int tenant_of_key(struct platform_store *store, const char *key, int64_t now,
                             struct tenant *ret, struct err *err);

/* ERR_INPUT, naming the field, unless a tenant can have such rules. */
MUST_CHECK int tenant_rules_check(const struct tenant_rules *rules, struct err *err);

/* ERR_INPUT unless it is an origin (RFC 6454, 6.1) that a browser could show. */
MUST_CHECK int origin_check(const char *origin, struct err *err);
/* ERR_INPUT unless it is 1 to most bytes of UTF-8 that can be shown. */
MUST_CHECK int tenant_name_check(const char *name, size_t most, struct err *err);
/* By its name in tenant_roles; ERR_INPUT. */
MUST_CHECK int tenant_role_read(const char *name, enum tenant_role *ret, struct err *err);
