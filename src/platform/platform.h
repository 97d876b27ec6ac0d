/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform: verifies signatures and logins for providers, its tenants, who get a verdict or a
 * pseudonym and never a certificate (design 5, F2 and F3; design 6, rule 5).
 *
 * Its private keys are signerd's: one unwraps what clients encrypt to the platform and the secret
 * that pseudonyms are derived from.
 */
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "crypto/jwk.h"
#include "platform/store.h"
#include "rpc/signer_client.h"
#include "verify/anchors.h"

/* What the authority says of a certificate now. */
enum standing {
    STANDING_GOOD,
    STANDING_BAD,     /* revoked or held; which, why and since when goes nowhere */
    STANDING_UNKNOWN, /* could not be found out: never taken for good */
};

struct platform;

/* Where revocation is asked; any worker may call. A failure is trouble of this computer. */
typedef int standing_fn(const struct platform *platform, struct signer *signer,
                        const struct x509_cert *cert, const struct x509_cert *issuer,
                        enum standing *ret, struct err *err);

/* Where nobody can be asked: always STANDING_UNKNOWN. */
standing_fn standing_not_known;

/* What a running platform consists of; read-only once it is open, so any thread may use it. */
struct platform {
    struct platform_store *store;
    const struct clock *clock;
    const char *origin;    /* as clients reach it: "https://host[:port]" */
    const char *signer;    /* the path of signerd's socket */
    const char *token_key; /* the name of the unwrapping key there */
    struct anchors *sign_cas, *auth_cas;
    standing_fn *standing;
    void *standing_context;

    struct pubkey *exchange_key; /* of token_key: clients encrypt to it */
    struct jwk_thumbprint exchange_kid;
    struct secret pseudonym_key;
};

/*
 * Fill in the keys; the other members are set by the caller. Makes and keeps the secret of the
 * pseudonyms at the first start. ERR_REMOTE if signerd cannot be asked; ERR_CONFLICT if the secret
 * is there and signerd's key cannot unwrap it: starting anyway would change every pseudonym.
 */
MUST_CHECK int platform_load_keys(struct platform *platform, struct err *err);
void platform_done(struct platform *platform); /* releases anchors and keys, not the store */

/*
 * The certificate in a compact JWE. ERR_INPUT for another form or no certificate inside,
 * ERR_UNTRUSTED if it is not encrypted to this platform.
 */
MUST_CHECK int platform_open_certificate(const struct platform *platform, struct signer *signer,
                                         const char *compact, struct x509_cert **ret,
                                         struct err *err);
