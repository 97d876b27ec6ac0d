/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts and sessions as they are kept (portal/store.h). An account is somebody's pseudonym and,
 * once the exchange was asked, the code by which it knows him here: nothing that says who it is.
 */
#pragma once

#include "crypto/digest.h"
#include "portal/limits.h"
#include "portal/store.h"

struct account {
    char id[PORTAL_ID_SIZE];
    uint8_t code[PORTAL_CODE_SIZE]; /* of this person at the body PORTAL (docs/decisions/0091) */
    bool has_code;
    int64_t made_at, used_at; /* UTC seconds */
};

struct session {
    struct digest hash;         /* SHA-256 of the cookie */
    char id[PORTAL_ID_SIZE];    /* what its owner calls it by, in lists */
    struct account account;     /* whose data it is about: its owner's, or who he acts for */
    char actor[PORTAL_ID_SIZE]; /* its owner's account */
    uint8_t actor_code[PORTAL_CODE_SIZE]; /* the same of that account's code */
    bool actor_has_code;
    char mandate[PORTAL_ID_SIZE]; /* by which he acts for another; "": for himself */
    char csrf[PORTAL_SECRET_SIZE];
    char browser[PORTAL_BROWSER_SIZE]; /* a word or two for its owner: "Firefox, Linux" */
    int64_t made_at, used_at;
};

/* Somebody has logged in. */
struct opening {
    const char *sub;               /* his pseudonym */
    const struct session *session; /* hash, id, csrf, browser */
    const char *sid;               /* what the authentication app calls its session */
    const char *id_token;          /* to end that later */
    const char *person_reference;  /* for the register; NULL: none came */
    const uint8_t *code;       /* of PORTAL_CODE_SIZE octets; NULL: the register was not asked */
    bool is_new_fine;          /* without a code: to make an account that can have none */
    const struct digest *ends; /* the session that this browser had; NULL: none */
    bool is_shown;             /* whether its owner is to find it in the log of the exchange */
};
/*
 * A session of the account of that pseudonym, in *ret. Somebody who is known by his code has
 * another pseudonym now: it is his account's from then on. Who is known by neither gets an account,
 * unless it could not be told whether he has one: ERR_REMOTE. ERR_CONFLICT if pseudonym and code
 * are of two accounts. The oldest session of an account goes where there are PORTAL_SESSIONS_MAX.
 */
MUST_CHECK int portal_open_session(struct portal_store *store, const struct opening *opening,
                                   const struct audit_origin *by, struct session *ret,
                                   struct err *err);
/* The id of the account that the portal knows by this code of a person; ERR_ABSENT. */
MUST_CHECK int portal_find_account(struct portal_store *store, const uint8_t code[PORTAL_CODE_SIZE],
                                   char ret[PORTAL_ID_SIZE], struct err *err);
/*
 * The same, or a new account that waits for its owner: whoever logs in with that code has it. It
 * is for those of whom a municipality records something before they were ever here.
 */
MUST_CHECK int portal_have_account(struct portal_store *store, const uint8_t code[PORTAL_CODE_SIZE],
                                   const struct audit_origin *by, char ret[PORTAL_ID_SIZE],
                                   struct err *err);
/* The session of a cookie; ERR_DENIED if there is none, or its time is over. */
MUST_CHECK int portal_get_session(struct portal_store *store, const struct digest *hash,
                                  int64_t now, struct session *ret, struct err *err);
/* Note that it was used; to the minute. */
MUST_CHECK int portal_use_session(struct portal_store *store, const struct session *session,
                                  int64_t now, struct err *err);
/* Those of an account, the newest first. */
MUST_CHECK int portal_list_sessions(struct portal_store *store, const char *account, int64_t now,
                                    struct session ret[PORTAL_SESSIONS_MAX], unsigned *ret_count,
                                    struct err *err);
/* What ends a login at the authentication app as well; ERR_DENIED if the session is over. */
MUST_CHECK int portal_get_id_token(struct portal_store *store, const struct session *session,
                                   struct buf *ret, struct err *err);
/* Those of an account's other sessions, which the caller releases, also after a failure. */
struct id_tokens {
    struct buf texts[PORTAL_SESSIONS_MAX];
    unsigned count;
};
void id_tokens_done(struct id_tokens *tokens);
MUST_CHECK int portal_list_id_tokens(struct portal_store *store, const struct session *own,
                                     struct id_tokens *ret, struct err *err);
/* What came with the login for the register, of whom the session is about; ERR_ABSENT if nothing
 * did, or the session is over. */
MUST_CHECK int portal_get_person_reference(struct portal_store *store,
                                           const struct session *session, struct buf *ret,
                                           struct err *err);

/* Whose sessions are to end, and why (acts.h). Members that are NULL say nothing. */
struct ending {
    const char *account;
    const char *session; /* one of the account's */
    const char *except;  /* all of the account's but this one */
    const char *sid;     /* those of a session of the authentication app */
    const char *sub;     /* all of a pseudonym's, or, with sid, only his */
    const char *why;
};
/* *ret_count of them were; it may be NULL. */
MUST_CHECK int portal_end_sessions(struct portal_store *store, const struct ending *ending,
                                   const struct audit_origin *by, unsigned *ret_count,
                                   struct err *err);
