/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the platform's operator, as they are kept (platform/store.h): of each its hash. */
#pragma once

#include "crypto/digest.h"
#include "platform/limits.h"
#include "platform/store.h"

enum {
    OPERATOR_KEY_ID_SIZE = 23, /* 16 octets in base64url and a NUL */
    OPERATOR_KEY_SIZE = 44,    /* 32 octets */
};

struct operator_key {
    char id[OPERATOR_KEY_ID_SIZE];
    char name[TENANT_KEY_NAME_MAX + 1]; /* who has it */
    int64_t made_at, expires_at;        /* UTC seconds; expires_at 0: never */
};

/* ERR_CONFLICT if there are OPERATOR_KEYS_MAX that are not revoked. */
MUST_CHECK int platform_add_operator_key(struct platform_store *store,
                                         const struct operator_key *key, const struct digest *hash,
                                         const struct audit_origin *by, struct err *err);
/* ERR_ABSENT if there is none, or it is revoked already. */
MUST_CHECK int platform_revoke_operator_key(struct platform_store *store, const char *id,
                                            const struct audit_origin *by, struct err *err);
/* Whose that is at a moment; ERR_DENIED if it is nobody's. */
MUST_CHECK int platform_get_operator_key(struct platform_store *store, const struct digest *hash,
                                         int64_t now, struct operator_key *ret, struct err *err);
/* Those that are not revoked, in the order they were made. */
MUST_CHECK int platform_list_operator_keys(struct platform_store *store,
                                           struct operator_key ret[OPERATOR_KEYS_MAX],
                                           unsigned *ret_count, struct err *err);

/* Somebody who gets a key. */
struct operator_key_inputs {
    const char *name;
    int64_t expires_at; /* UTC seconds; 0: never */
};
/* ret_key is told once. ERR_INPUT, naming the field, else as platform_add_operator_key. */
MUST_CHECK int operator_add_key(struct platform_store *store,
                                const struct operator_key_inputs *inputs,
                                const struct audit_origin *by, char ret_key[OPERATOR_KEY_SIZE],
                                struct operator_key *ret, struct err *err);
