/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clerk at a register's counter, seen from the clerk's side: log in with the card's auth key,
 * read what the register tells, log out. What is signed is built here (crypto/bound.h).
 */
#pragma once

#include "base/json.h"
#include "base/secret.h"
#include "clerk/limits.h"
#include "client/icc.h"
#include "holder/challenge.h"

/* The card and what opens it: the auth PIN to log in, the sign password for all else. */
struct clerk_hand {
    struct icc *icc;
    const struct secret *pin;
    bool may_use_last_try;
    int64_t now; /* UTC seconds */
};

struct clerk_session {
    char socket[CLERK_TEXT_MAX + 1];
    char origin[CLERK_TEXT_MAX + 1];
    char id[CLERK_TEXT_MAX + 1];
    char counter[CLERK_TEXT_MAX + 1];
    char clerk[CLERK_TEXT_MAX + 1];
    char name[CLERK_TEXT_MAX + 1];
    char token[CLERK_TEXT_MAX + 1]; /* a secret as long as the session lives */
    int64_t expires_at;
};

void clerk_session_done(struct clerk_session *session); /* wipes the token */

/*
 * Nothing is sent to the card if the register does not list its CA. Failures of the card as
 * icc_pin_verify, of the register in its words: the word of its refusal, a colon, a sentence.
 */
MUST_CHECK int clerk_log_in(const char *socket, const char *counter, const struct clerk_hand *hand,
                            struct clerk_session *ret, struct err *err);
/*
 * The register's challenge for a counter, as one of a platform (holder/challenge.h): its counter is
 * who asks. ERR_INPUT for what is none.
 */
MUST_CHECK int clerk_challenge_parse(const struct json *answer, const char *counter,
                                     struct challenge *ret, struct err *err);
MUST_CHECK int clerk_log_out(const struct clerk_session *session, struct err *err);
/* Read something in the session. */
MUST_CHECK int clerk_read(const struct clerk_session *session, const char *path, struct json **ret,
                          struct err *err);
/* Send something in it. */
MUST_CHECK int clerk_send(const struct clerk_session *session, const char *path,
                          const struct json *body, struct json **ret, struct err *err);

/* For a file that only the clerk can read. ERR_INPUT for what is no session. */
MUST_CHECK int clerk_session_write(const struct clerk_session *session, struct json **ret,
                                   struct err *err);
MUST_CHECK int clerk_session_parse(const struct json *json, struct clerk_session *ret,
                                   struct err *err);
