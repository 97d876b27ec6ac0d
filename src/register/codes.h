/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bodies know people by in the exchange of information, and never by the individual number:
 * for each body another code, HMAC-SHA-256 under the register's own secret over the resident's
 * random id and the body, of which 16 octets are told. It stays the same when certificates and
 * cards are renewed.
 *
 * Whoever asks shows whom he means by a person reference: a JWE for this register's key, made by
 * the platform at a login or for a signature, with the certificate that was used: a card's, or one
 * of a phone, which the authority knows the card of. The asker cannot read it. The secret is kept
 * in the database, wrapped for the same key; signerd alone opens both.
 */
#pragma once

#include "http/route.h"
#include "register/counter.h"

enum {
    CODE_BYTES = 16,
    CODE_BODY_MAX = 16,                    /* characters of a body */
    CODE_BODIES_MAX = 64,                  /* bodies in one question */
    CODE_REFERENCE_SECONDS = 9 * 60 * 60,  /* how long a reference counts: a session at a portal */
    CODE_REFERENCE_AHEAD_SECONDS = 5 * 60, /* how far its maker's clock may be ahead */
};

struct codes;

struct codes_setup {
    const char *signer; /* socket of the signerd that has the key */
    const char *key;    /* its name there, of role token */
    /* Who may ask, for showing people what is held about them. */
    const uid_t *uids;
    size_t count;
};

/*
 * ERR_REMOTE if signerd cannot be asked; ERR_CONFLICT if its key is another than the secret was
 * wrapped for: everybody would become somebody else. setup is copied but for its texts and uids.
 */
MUST_CHECK int codes_open(const struct codes_setup *setup, struct register_store *store,
                          struct codes **ret, struct err *err);
void codes_free(struct codes *codes);
void codes_freep(struct codes **codes);

/* Whether this process may ask; refusals are the caller's to record. */
bool codes_may_ask(const struct codes *codes, const struct http_call *call);

/* What may have been shown: a phone's certificate leads to its card's by way of the authority. */
enum code_device { CODE_CARD, CODE_CARD_OR_PHONE };

struct code_question {
    const char *reference;
    enum code_device device;
    const char *traceparent; /* for the authority; NULL: none */
};

/* Whom a reference means. */
struct code_holder {
    char resident[RESIDENT_ID_LEN + 1]; /* "" if a phone is over */
    bool is_over;                       /* the certificate was revoked, suspended or replaced */
};
/*
 * ERR_INPUT for what is no reference, ERR_UNTRUSTED for one of another key, that was changed, or
 * whose time is over; ERR_ABSENT for a certificate that this register had not issued, nor the card
 * of a phone; ERR_REMOTE if that might be a phone's and the authority cannot be asked.
 */
MUST_CHECK int codes_find_holder(const struct codes *codes, const struct counter *counter,
                                 const struct code_question *question, struct code_holder *ret,
                                 struct err *err);
/* ERR_INPUT if body is not 1 to CODE_BODY_MAX of A-Z and 0-9. */
MUST_CHECK int codes_derive(const struct codes *codes, const char *resident, const char *body,
                            uint8_t ret[CODE_BYTES], struct err *err);
