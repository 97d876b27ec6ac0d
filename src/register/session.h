/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is logged in where, in memory: a restart ends all sessions. A challenge is good for a minute
 * and is answered once; a session belongs to one clerk, one card, one counter and the user id of
 * the program that opened it. Its token is kept as a hash. Any thread may call.
 */
#pragma once

#include "crypto/limits.h"
#include "register/clerk.h"

#include <sys/types.h>

enum {
    CHALLENGE_SECONDS = 60,
    SESSION_SECONDS = 4 * 3600,
    SESSION_ID_LEN = 32,    /* hexadecimal digits */
    SESSION_TOKEN_LEN = 64, /* hexadecimal digits of 32 random octets */
};

/* In the place of a user id: a browser at the counter's door (routes.h), where nobody has one. */
#define BROWSER_UID ((uid_t)-1)

struct login_challenge {
    char id[SESSION_ID_LEN + 1]; /* becomes that of the session */
    char counter[COUNTER_LEN + 1];
    uint8_t nonce[BOUND_NONCE_SIZE];
    uid_t uid;
    int64_t expires_at; /* UTC seconds */
};

struct session {
    char id[SESSION_ID_LEN + 1];
    char clerk[CLERK_ID_LEN + 1];
    char counter[COUNTER_LEN + 1];
    struct clerk_card card;
    uid_t uid;
    int64_t expires_at;
    int64_t good_at; /* when the authority last said that the sign certificate is in force */
};

struct sessions;

MUST_CHECK int sessions_new(struct sessions **ret, struct err *err);
void sessions_freep(struct sessions **sessions);

/* ERR_REMOTE while CHALLENGES_MAX others wait for their answers. */
MUST_CHECK int sessions_challenge(struct sessions *sessions, const char *counter, uid_t uid,
                                  int64_t now, struct login_challenge *ret, struct err *err);
/* Take it out: it cannot be answered again. Refused if it is over or of another user id. */
MUST_CHECK int sessions_take(struct sessions *sessions, const char *id, uid_t uid, int64_t now,
                             struct login_challenge *ret, struct err *err);
/* Open it until SESSION_SECONDS from now; ERR_REMOTE while there are SESSIONS_MAX others. */
MUST_CHECK int sessions_open(struct sessions *sessions, struct session *session, int64_t now,
                             char ret_token[SESSION_TOKEN_LEN + 1], struct err *err);
/* The session of a token and a user id; refused if there is none or it is over. */
MUST_CHECK int sessions_find(struct sessions *sessions, const char *token, uid_t uid, int64_t now,
                             struct session *ret, struct err *err);
/* The authority said so. */
void sessions_note_good(struct sessions *sessions, const char *id, int64_t at);
void sessions_close(struct sessions *sessions, const char *id);
/* All of a clerk who is blocked, or has another card now. */
void sessions_close_of(struct sessions *sessions, const char *clerk);
