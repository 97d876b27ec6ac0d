/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages that a holder's key signs beside documents: a login (design 5, F3), the revocation
 * of its own certificate, and what it says about a phone (F8). The client builds them from what it
 * sees, never from bytes a server hands over; the server builds them again from what it knows. So a
 * signature made for one origin, client, session or moment is worth nothing elsewhere, none for one
 * label is good for another, and no challenge can be the digest of a document.
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

/*
 * The session of a login whose message says as well what its holder has chosen there: "SESSION.A+B"
 * of the choices (ended by NULL) whose bits are set, in their order, or "SESSION.none". So no
 * choice is added to what was signed. Behind what ret has, with a NUL that is not counted.
 */
MUST_CHECK int bound_choices(const char *session, const char *const *choices, unsigned chosen,
                             struct buf *ret, struct err *err);

/*
 * Whether a document begins as one of the messages here: with a label that is "OpenJPKI" and a
 * blank, behind a length that it could have. Such a document is never to be signed.
 */
bool bound_is_message(struct bytes document);

/* A holder revokes the certificate of the key that signs this. */
struct bound_revocation {
    const char *origin;  /* of the authority as the client reached it */
    struct bytes issuer; /* key identifier of the CA */
    struct bytes serial; /* of the certificate: octets of the positive INTEGER, no leading zero */
    const char *reason;  /* one of bound_reasons */
    int64_t at;          /* UTC seconds, when the client signs */
    struct bytes nonce;  /* BOUND_NONCE_SIZE octets of the client's; only its hash is signed */
};

/* Why a holder may revoke, as lists of revocations call it (RFC 5280, 5.3.1); ends with NULL. */
extern const char *const bound_reasons[];
bool bound_is_reason(const char *text);

/*
 * SHA-256 over the label "OpenJPKI revocation v1", origin, issuer, serial, reason, time in decimal
 * digits and SHA-256 of the nonce, encoded as for bound_digest. ERR_INPUT for another reason, a
 * negative time, a nonce of another size, issuer or serial empty or over BOUND_ID_MAX, and an
 * origin that is absent or over BOUND_FIELD_MAX.
 */
MUST_CHECK int bound_revocation_digest(const struct bound_revocation *bound, struct digest *ret,
                                       struct err *err);

/* A holder has the keys of a phone certified, by the sign key of the card. */
struct bound_phone {
    const char *origin;        /* of the authority as the client reached it */
    struct bytes issuer;       /* key identifier of the CA of the card's sign certificate */
    struct bytes serial;       /* of that certificate, as for a revocation */
    struct bytes sign_request; /* PKCS#10 for the phone's sign key; only its hash is signed */
    struct bytes auth_request; /* and for its auth key */
    int64_t at;                /* UTC seconds, when the client signs */
    struct bytes nonce; /* BOUND_NONCE_SIZE octets of the client's; only its hash is signed */
};

/*
 * SHA-256 over the label "OpenJPKI phone v1", origin, issuer, serial, SHA-256 of both requests,
 * time and SHA-256 of the nonce, encoded and refused as for bound_revocation_digest; ERR_INPUT too
 * for a request that is empty.
 */
MUST_CHECK int bound_phone_digest(const struct bound_phone *bound, struct digest *ret,
                                  struct err *err);

/*
 * A holder suspends the phone that was enrolled by the card's sign key: both requests are empty.
 * The label is "OpenJPKI phone suspension v1"; issuer and serial are those of the card's sign
 * certificate, fields and refusals as above without the requests.
 */
MUST_CHECK int bound_suspension_digest(const struct bound_phone *bound, struct digest *ret,
                                       struct err *err);
/* A holder lists consents, or withdraws one, with the key that signs this. */
struct bound_consent {
    const char *origin;  /* of the authority as the client reached it */
    struct bytes issuer; /* key identifier of the CA */
    struct bytes serial; /* of the certificate: octets of the positive INTEGER, no leading zero */
    const char *withdrawal; /* id of the consent that ends; NULL: all are listed */
    int64_t at;             /* UTC seconds, when the client signs */
    struct bytes nonce;     /* BOUND_NONCE_SIZE octets of the client's; only its hash is signed */
};

/*
 * SHA-256 over the label "OpenJPKI consents v1", origin, issuer, serial, "list" or "withdraw", the
 * id, time in decimal digits and SHA-256 of the nonce, encoded as for bound_digest. ERR_INPUT as
 * for bound_revocation_digest, and for an empty id.
 */
MUST_CHECK int bound_consent_digest(const struct bound_consent *bound, struct digest *ret,
                                    struct err *err);
