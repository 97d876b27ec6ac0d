/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling a form from a card before anything is signed (docs/decisions/0103): the page that shows
 * the form has a key of its own, the holder's program encrypts what the card says to it, and the
 * portal hands that on without being able to read it. An application has one reading at most; a new
 * one takes its place. Inside this sub-room.
 */
#pragma once

#include "portal/application/store.h"

enum {
    CARDREAD_CODE_SIZE = 7, /* six digits */
    CARDREAD_KEY_SIZE = 512,
};

enum cardread_state {
    CARDREAD_PENDING,
    CARDREAD_ANSWERED,
    CARDREAD_DENIED, /* the holder does not want to */
    CARDREAD_EXPIRED,
    CARDREAD_STATES_
};
extern const char *const cardread_states[]; /* "pending", ..., NULL */

struct cardread {
    char application[APPLICATION_ID_SIZE];
    char session[APPLICATION_ID_SIZE]; /* in its address */
    char code[CARDREAD_CODE_SIZE];
    char key[CARDREAD_KEY_SIZE]; /* of the page, a JWK */
    int64_t expires_at;
    int64_t wrong_codes;
    enum cardread_state state;
    struct buf answer; /* compact JWE to the key; empty unless it is answered */
};
void cardread_done(struct cardread *reading);

/* What a form asks for that is on a card: bits, by form_prefills. */
MUST_CHECK int cardread_wants(const struct json *form, unsigned *ret, struct err *err);

/* Open one for an application and forget the one before; key is a JWK that was checked. */
MUST_CHECK int cardread_open(struct db *db, const char *application, const char *key, int64_t now,
                             struct cardread *ret, struct err *err);
/* The one of an application. ERR_ABSENT if there is none. Release with cardread_done. */
MUST_CHECK int cardread_find(struct db *db, const char *application, int64_t now,
                             struct cardread *ret, struct err *err);
/* Forget it: its page has what was read, or does not wait any longer. */
MUST_CHECK int cardread_end(struct db *db, const char *application, struct err *err);

/*
 * The one at an address, which can be answered, and what it is for. ERR_ABSENT if there is none or
 * its time is over; ERR_CONFLICT if it was answered.
 */
MUST_CHECK int cardread_join(struct db *db, const char *session, int64_t now, struct cardread *ret,
                             struct application *ret_of, struct err *err);
/*
 * Answer it, once: answer is a compact JWE, NULL for a refusal. ERR_DENIED for another code than is
 * shown beside the address; after APPLICATION_READING_CODES_MAX of them, for every one. Else as
 * cardread_join.
 */
struct cardread_reply {
    const char *session, *code, *answer;
};
MUST_CHECK int cardread_answer(struct db *db, const struct cardread_reply *reply, int64_t now,
                               struct err *err);
/* In a transaction of whoever tidies up: those whose time is over. */
MUST_CHECK int cardread_forget(struct db_txn *txn, int64_t now, struct err *err);
