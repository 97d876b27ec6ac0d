/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message that a login signs (design 5, F3). The client builds it from what it sees, never
 * from bytes a server hands over; the server builds it again from what it knows. So a signature
 * made for one origin, client, session or moment is worth nothing elsewhere, and no challenge can
 * be the digest of a document.
 */
#pragma once

#include "crypto/digest.h"
#include "crypto/limits.h"

/* Text fields are UTF-8; NULL or "" means absent. */
struct bound {
    const char *origin;       /* of the issuer as the client reached it: "https://host[:port]" */
    const char *client_id;    /* of the provider */
    const char *redirect_uri; /* where the browser goes next; absent outside OIDC */
    const char *session;      /* the challenge's identifier */
    struct bytes nonce;       /* BOUND_NONCE_SIZE octets from the server; only its hash is signed */
    int64_t expires_at;       /* UTC seconds, after which no answer is accepted */
};

/*
 * SHA-256 over the label "OpenJPKI login v1", origin, client id, redirect URI, session, SHA-256 of
 * the nonce, and expiry in decimal digits, each as a four-byte big-endian length and its bytes.
 * ERR_INPUT for a nonce of another size, a field over BOUND_FIELD_MAX, a negative expiry, or if
 * origin, client id or session is absent.
 */
MUST_CHECK int bound_digest(const struct bound *bound, struct digest *ret, struct err *err);
