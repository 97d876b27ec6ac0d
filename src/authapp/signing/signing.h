/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing for a relying party (pki.md 7.1; docs/card-protocol.md). It says what it wants signed;
 * the holder sees it, and the card's signature and its certificate, which only the platform that
 * the relying party chose can read, are handed on. Nothing is verified here.
 */
#pragma once

#include "authapp/authapp.h"
#include "authapp/signing/store.h"

/* What a relying party wants signed; the texts are the request's. */
struct signing_request {
    const char *client_id;
    const char *hash;     /* base64: 32 octets to be signed bare, or the DER of a DigestInfo */
    const char *title;    /* what it is called */
    const char *text;     /* what is said of it; NULL: nothing */
    const char *document; /* base64, to be shown to the holder; NULL: none */
    const char *platform; /* an origin; NULL: the one that is behind us */
    const char *trace_id;
};
/*
 * ERR_INPUT for what cannot be read or is too long, and for a DigestInfo of another algorithm than
 * SHA-256; ERR_UNTRUSTED for a document of another digest, or one that is a message of cards.
 * Release ret with signing_done.
 */
MUST_CHECK int signing_open(const struct authapp *authapp, const struct signing_request *request,
                            struct signing *ret, struct err *err);
/* One that can be answered. ERR_ABSENT if there is none or its time is over, ERR_CONFLICT if it
 * was answered. */
MUST_CHECK int signing_find(const struct authapp *authapp, const char *session, struct signing *ret,
                            struct err *err);
/* Whether its time went by and nobody answered. */
bool signing_is_late(const struct authapp *authapp, const struct signing *signing);

/* What somebody says who was given address and code. */
struct signing_answer {
    const char *session, *code;
    bool is_denied;          /* the others are NULL */
    const char *certificate; /* JWE for the platform */
    const char *signature;   /* base64 */
    const char *trace_id;
};
/* Rings the bell. ERR_DENIED for a wrong code; as signing_find; ERR_INPUT unless it is complete. */
MUST_CHECK int signing_answer(const struct authapp *authapp, const struct signing_answer *answer,
                              struct err *err);
/* The browser that was sent for it does not want to wait any longer. ERR_CONFLICT if it is over. */
MUST_CHECK int signing_cancel(const struct authapp *authapp, const struct signing *signing,
                              const char *trace_id, struct err *err);
/*
 * What a client's browser was sent for, after somebody has logged in there: the login's own from
 * now on. ERR_ABSENT if there is none of that client; ERR_CONFLICT if it is another login's, or was
 * answered before it became anybody's.
 */
MUST_CHECK int signing_of_login(const struct authapp *authapp, const char *client_id,
                                const char *id, const char *login, struct signing *ret,
                                struct err *err);
