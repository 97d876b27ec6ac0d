/* SPDX-License-Identifier: Apache-2.0 */
/* Logins of the last minutes, as they are kept (authapp/store.h). */
#pragma once

#include "authapp/limits.h"
#include "authapp/store.h"
#include "crypto/bound.h"
#include "crypto/digest.h"

enum { LOGIN_CODE_SIZE = 7 }; /* six digits and a NUL */

enum login_outcome { LOGIN_OPEN, LOGIN_ANSWERED, LOGIN_REFUSED, LOGIN_CANCELLED };

struct login {
    char session[AUTHAPP_ID_SIZE];
    char client_id[AUTHAPP_CLIENT_ID_MAX + 1];
    struct digest browser; /* SHA-256 of the cookie of whoever opened it */
    struct buf request;    /* login/request.h */
    uint8_t nonce[BOUND_NONCE_SIZE];
    char code[LOGIN_CODE_SIZE]; /* shown to whoever opened it */
    int64_t wrong_codes;
    int64_t expires_at; /* an answer counts up to and including it */
    enum login_outcome outcome;
    int64_t answered_at;
    struct buf holder; /* sealed: what the platform told; empty unless answered */
};

void login_done(struct login *login);

/* Forgets those that are over. ERR_REMOTE if AUTHAPP_LOGINS_MAX are kept already. */
MUST_CHECK int authapp_open_login(struct authapp_store *store, const struct login *login,
                                  int64_t now, struct err *err);
/* Release with login_done. ERR_ABSENT if there is none, or it is over and forgotten. */
MUST_CHECK int authapp_get_login(struct authapp_store *store, const char *session,
                                 struct login *ret, struct err *err);
/*
 * ERR_DENIED unless this is the code of the login. Each wrong one is counted before it is answered;
 * after AUTHAPP_CODES_MAX of them no code is right, which is in the audit log.
 */
MUST_CHECK int authapp_check_code(struct authapp_store *store, const char *session,
                                  const char *code, const struct audit_origin *by, struct err *err);
struct login_end {
    enum login_outcome outcome;
    struct bytes holder; /* to be kept with an answer */
    const char *why;     /* words of the program's own; NULL: none */
};
/* An open login comes to its end, once: ERR_CONFLICT otherwise. */
MUST_CHECK int authapp_end_login(struct authapp_store *store, const char *session,
                                 const struct login_end *end, const struct audit_origin *by,
                                 struct err *err);
/* A login that grants nothing is gone. ERR_ABSENT if it went already. */
MUST_CHECK int authapp_take_login(struct authapp_store *store, const char *session,
                                  struct err *err);
