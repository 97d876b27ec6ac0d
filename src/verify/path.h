/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path validation in general (RFC 5280, 6), by libcrypto: chains with intermediates, policies and
 * their mappings, name constraints, full and delta lists. Always with policies and revocation:
 * there is no way to leave them out. Indirect lists are not followed.
 *
 * The JPKI hierarchy has no intermediates; its certificates are judged by certificate.h, which is
 * stricter. This is for everybody else's.
 */
#pragma once

#include "base/bytes.h"

struct path_store;

MUST_CHECK int path_store_new(struct path_store **ret, struct err *err);
void path_store_free(struct path_store *store);
void path_store_freep(struct path_store **store);
/* One DER structure each, nothing behind it; ERR_INPUT for others. */
MUST_CHECK int path_store_add_anchor(struct path_store *store, struct bytes der, struct err *err);
MUST_CHECK int path_store_add_intermediate(struct path_store *store, struct bytes der,
                                           struct err *err);
MUST_CHECK int path_store_add_crl(struct path_store *store, struct bytes der, struct err *err);

/* The inputs of RFC 5280, 6.1.1. */
struct path_question {
    struct bytes cert;           /* DER */
    int64_t at;                  /* UTC seconds */
    const char *const *policies; /* dotted, ended by NULL: user-initial-policy-set; NULL: any */
    bool explicit_policy, inhibit_mapping, inhibit_any_policy;
};

/*
 * 0 if the path holds and no certificate in it is revoked. ERR_UNTRUSTED with libcrypto's reason
 * if not, or if a list is missing; its number is in detail. Several threads may ask one store.
 */
MUST_CHECK int path_verify(const struct path_store *store, const struct path_question *question,
                           struct err *err);
