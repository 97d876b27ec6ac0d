/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling a form that a page shows from the holder's card, before anything is signed
 * (docs/card-protocol.md): the service says what the form asks for and hands on the key of the
 * page, to which the card's text application is encrypted here. Nothing is handed over that the
 * card's issuer has not signed for this very card.
 */
#pragma once

#include "client/text.h"
#include "crypto/jwk.h"
#include "holder/challenge.h"

struct prefill {
    struct challenge asked;            /* session, wants, expires_at and issuers alone */
    char title[SIGNING_TITLE_MAX + 1]; /* what it is for; UTF-8 from outside: harmless first */
    struct pubkey *key;                /* of the page, on P-256 */
};
void prefill_done(struct prefill *prefill);

/* ERR_INPUT for anything but a complete one, and for one that wants nothing. */
MUST_CHECK int prefill_parse(const struct json *answer, struct prefill *ret, struct err *err);
/* By the session in its address. ERR_REMOTE if it is over or was answered. */
MUST_CHECK int prefill_get(const struct remote *remote, const char *session, struct prefill *ret,
                           struct err *err);
/* ERR_REMOTE if its time is over, ERR_UNTRUSTED if it would be longer than CHALLENGE_SECONDS_MAX.
 */
MUST_CHECK int prefill_check_time(const struct prefill *prefill, int64_t now, struct err *err);

struct prefill_hand {
    const struct secret *pin; /* of the text application */
    bool may_use_last_try;
    const struct data_roots *roots; /* by whom card data is believed */
};
/*
 * Send the PIN, read and judge the attributes, in one transaction; *ret is what is wanted of them,
 * as compact JWE. ERR_UNTRUSTED for data that is not proven to be the issuer's and of this card.
 */
MUST_CHECK int prefill_read(const struct prefill *prefill, struct icc *icc,
                            const struct prefill_hand *hand, struct buf *ret, struct err *err);
/* The part of it that needs no card. */
MUST_CHECK int prefill_seal(const struct prefill *prefill, const struct text_data *data,
                            struct buf *ret, struct err *err);
/*
 * Send it, with the code that the page shows. ERR_DENIED for a wrong code; ERR_REMOTE if it is over
 * or was answered.
 */
MUST_CHECK int prefill_answer(const struct prefill *prefill, const struct remote *remote,
                              const struct buf *sealed, const char *code, struct err *err);
/* Say that the holder does not want to. */
MUST_CHECK int prefill_refuse(const struct prefill *prefill, const struct remote *remote,
                              const char *code, struct err *err);
