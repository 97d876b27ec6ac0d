/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was granted to clients, as it is kept (authapp/store.h): a grant is what one login gives, or
 * a client's own credentials; codes and tokens hang on it, as hashes, and end with it.
 */
#pragma once

#include "authapp/limits.h"
#include "authapp/session/store.h"
#include "authapp/signing/store.h"
#include "authapp/store.h"
#include "crypto/digest.h"
#include "fetch/limits.h"

struct grant {
    char id[AUTHAPP_ID_SIZE];
    char sid[AUTHAPP_ID_SIZE]; /* of its tokens: the session that it came of, or its own id */
    char client_id[AUTHAPP_CLIENT_ID_MAX + 1];
    char sub[SUBJECT_SIZE]; /* "": the client itself */
    unsigned scopes;
    char nonce[AUTHAPP_VALUE_MAX + 1]; /* "": none */
    char signing[SIGNING_ID_SIZE];     /* whose result may be fetched; "": none */
    int64_t auth_time, expires_at;
    bool is_ended;
};

enum token_kind { TOKEN_CODE, TOKEN_ACCESS, TOKEN_REFRESH };

struct token {
    enum token_kind kind;
    struct digest hash; /* SHA-256 of its text */
    unsigned scopes;
    int64_t expires_at;
    bool is_used;
    char redirect_uri[FETCH_URI_MAX + 1];      /* of a code; "" otherwise */
    char challenge[AUTHAPP_CHALLENGE_MAX + 1]; /* the same; "": none */
    struct buf attributes;                     /* sealed under its text; empty: none */
};
void token_done(struct token *token);

/* A token and what it hangs on; release with found_token_done. */
struct found_token {
    struct token token;
    struct grant grant;
};
void found_token_done(struct found_token *found);

/* How a grant begins. */
struct grant_start {
    const struct grant *grant;
    const struct token *token;             /* its first one */
    const char *login;                     /* the login that it comes of, gone then; NULL: none */
    const struct browser_session *session; /* that begins with it; NULL: none */
    const struct browser_session *known;   /* that it comes of; NULL: none */
};
/*
 * All of it or nothing; forgets grants whose time is over. ERR_ABSENT if the login went already, or
 * the session has ended since it was found: its end would not be this grant's.
 */
MUST_CHECK int authapp_make_grant(struct authapp_store *store, const struct grant_start *start,
                                  const struct audit_origin *by, struct err *err);
/* ERR_ABSENT if there is no such token. It may be used, late, or its grant over. */
MUST_CHECK int authapp_find_token(struct authapp_store *store, const struct digest *hash,
                                  struct found_token *ret, struct err *err);
/*
 * A code or refresh token is used, and others come in its place, all or nothing. ERR_CONFLICT if it
 * was used before.
 */
MUST_CHECK int authapp_spend_token(struct authapp_store *store, const struct found_token *spent,
                                   const struct token *fresh, size_t count, struct err *err);
/* One token alone ends; fine if it is not there. */
MUST_CHECK int authapp_drop_token(struct authapp_store *store, const struct digest *hash,
                                  struct err *err);
/* Everything of a grant ends; why are words of the program's own. Once more is fine. */
MUST_CHECK int authapp_end_grant(struct authapp_store *store, const char *id, const char *why,
                                 const struct audit_origin *by, struct err *err);
/* The last one of this sid. ERR_ABSENT if there is none, or its time is over. */
MUST_CHECK int authapp_get_grant(struct authapp_store *store, const char *sid, struct grant *ret,
                                 struct err *err);
/* Every grant of this sid ends, and the browser's session. */
MUST_CHECK int authapp_end_session(struct authapp_store *store, const char *sid, const char *why,
                                   const struct audit_origin *by, struct err *err);
