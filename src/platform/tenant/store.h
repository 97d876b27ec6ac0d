/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants and their keys as they are kept (platform/store.h). */
#pragma once

#include "crypto/digest.h"
#include "http/limiter.h"
#include "platform/limits.h"
#include "platform/store.h"

enum { TENANT_KEY_ID_SIZE = 23 }; /* 16 octets in base64url and a NUL */

/* What the holder of a key may do for its tenant (tenant/access.h). */
enum tenant_role { ROLE_OWNER, ROLE_DEVELOPER, ROLE_AUDITOR, ROLE_BILLING, ROLES_ };
extern const char *const tenant_roles[]; /* "owner", "developer", "auditor", "billing", NULL */

/* Where a tenant's keys are good for; everything else is apart as it is for two tenants. */
enum tenant_environment { ENVIRONMENT_LIVE, ENVIRONMENT_TEST, ENVIRONMENTS_ };
extern const char *const tenant_environments[]; /* "live", "test", NULL */

/* What its operator lets a tenant have. */
struct tenant_rules {
    enum tenant_environment environment;
    int64_t rate;                         /* requests a second; 0: TENANT_RATE */
    int64_t quota;                        /* judgements a month, of Japan's calendar; 0: any */
    char sources[TENANT_SOURCES_MAX + 1]; /* addresses it asks from, blanks between; "": any */
};

/* A key of a tenant: known to somebody of it, whom its name says. */
struct tenant_key {
    char id[TENANT_KEY_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    char name[TENANT_KEY_NAME_MAX + 1];
    enum tenant_role role;
    int64_t made_at, expires_at, used_at, revoked_at; /* UTC seconds; 0: never */
    struct digest hash;                               /* by which it was found; else of length 0 */
};

/* A provider. */
struct tenant {
    char client_id[CLIENT_ID_MAX + 1];
    char name[TENANT_NAME_MAX + 1]; /* as people read it */
    char origin[TENANT_ORIGIN_MAX + 1];
    struct tenant_rules rules;
    struct tenant_key key; /* by which it was found; without id if it was not found by one */
    bool is_member;        /* it was found by a session: the key is its member and his role */
};

/* key is the SHA-256 of its first key, an owner's. ERR_CONFLICT if the client id is taken. */
MUST_CHECK int platform_add_tenant(struct platform_store *store, const struct tenant *tenant,
                                   const struct digest *key, const struct audit_origin *by,
                                   struct err *err);
/* The same of a test environment of the tenant live; ERR_CONFLICT also if that has one. */
MUST_CHECK int platform_add_test_tenant(struct platform_store *store, const char *live,
                                        const struct tenant *tenant, const struct digest *key,
                                        const struct audit_origin *by, struct err *err);
/* A provider's, of which client_id is one: client_id, environment, origin; the live one first. */
MUST_CHECK int platform_list_environments(struct platform_store *store, const char *client_id,
                                          struct json **ret, struct err *err);
/*
 * ERR_ABSENT if there is no such client; ERR_CONFLICT if one of a provider's two environments would
 * become the other.
 */
MUST_CHECK int platform_set_tenant_rules(struct platform_store *store, const char *client_id,
                                         const struct tenant_rules *rules,
                                         const struct audit_origin *by, struct err *err);
/* ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_get_tenant(struct platform_store *store, const char *client_id,
                                   struct tenant *ret, struct err *err);
/* Whose key that is at that moment; ERR_ABSENT if it is nobody's, expired or revoked. */
MUST_CHECK int platform_get_tenant_by_key(struct platform_store *store, const struct digest *key,
                                          int64_t now, struct tenant *ret, struct err *err);
/* The client ids of all tenants, in their order, as texts of an array. */
MUST_CHECK int platform_list_tenants(struct platform_store *store, struct json **ret,
                                     struct err *err);

/*
 * One more key. ERR_ABSENT if there is no such client, ERR_CONFLICT if it has TENANT_KEYS_MAX that
 * are not revoked.
 */
MUST_CHECK int platform_add_tenant_key(struct platform_store *store, const struct tenant_key *key,
                                       const struct digest *hash, const struct audit_origin *by,
                                       struct err *err);
/* A new owner's key; all others are nobody's from then on. ERR_ABSENT if there is no such client.
 */
MUST_CHECK int platform_set_tenant_key(struct platform_store *store, const struct tenant_key *key,
                                       const struct digest *hash, const struct audit_origin *by,
                                       struct err *err);
/* ERR_ABSENT if it is none of this tenant, or revoked already. */
MUST_CHECK int platform_revoke_tenant_key(struct platform_store *store, const char *client_id,
                                          const char *id, const struct audit_origin *by,
                                          struct err *err);
/* Note when a key was used last; to the minute. */
MUST_CHECK int platform_use_tenant_key(struct platform_store *store, const struct tenant_key *key,
                                       int64_t now, struct err *err);
/* Those that are not revoked, in the order they were made: *ret_count of TENANT_KEYS_MAX at most.
 */
MUST_CHECK int platform_list_tenant_keys(struct platform_store *store, const char *client_id,
                                         struct tenant_key ret[TENANT_KEYS_MAX],
                                         unsigned *ret_count, struct err *err);

/* How many judgements a tenant had in the month of that moment. */
MUST_CHECK int platform_count_usage(struct platform_store *store, const char *client_id, int64_t at,
                                    int64_t *ret, struct err *err);
/* For stores of this room, in the transaction of a judgement: one more. ERR_REMOTE if the month's
 * quota is used up. */
struct db_txn;
MUST_CHECK int platform_charge_usage(struct db_txn *txn, const char *client_id, int64_t at,
                                     struct err *err);
/* "YYYY-MM" of a moment in Japan, and the first second of the next month. */
struct usage_month {
    char name[16];
    int64_t ends_at;
};
struct usage_month usage_month_of(int64_t at);

/* The limiter of this store's tenants, for as long as it is open. */
struct limiter *platform_limiter(struct platform_store *store);
