/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder revokes a certificate by a signature of the key that is in it. Whoever has the key can
 * do so, nobody else, and of each certificate alone.
 */
#pragma once

#include "authority/authority.h"

/* As it came; checked by authority_revoke_by_holder. */
struct holder_request {
    const char *origin;  /* where the holder reached this authority */
    struct bytes issuer; /* key identifier of the CA */
    int64_t serial;
    const char *reason; /* one of bound_reasons (crypto/bound.h) */
    int64_t at;         /* UTC seconds, by the holder's clock */
    struct bytes nonce;
    struct bytes signature;
    const struct audit_origin *by;
};

/*
 * Revoke it for ever, or give the revocation there is, whoever made it. ERR_UNTRUSTED for another
 * origin than authority->holder_origin, another CA, a time that is more than HOLDER_SECONDS away,
 * and a signature that is not by this key, which reads the same whether there is such a
 * certificate or not; ERR_INPUT for what cannot be signed at all.
 */
MUST_CHECK int authority_revoke_by_holder(const struct authority *authority,
                                          const struct holder_request *request, struct revoked *ret,
                                          struct err *err);
