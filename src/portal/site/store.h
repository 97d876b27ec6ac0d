/* SPDX-License-Identifier: Apache-2.0 */
/* Which sites people have linked, and who went there, as it is kept. */
#pragma once

#include "audit/audit.h"
#include "crypto/digest.h"
#include "portal/account/store.h"
#include "portal/site/list.h"

struct site_linkage {
    char sub[PORTAL_ID_SIZE];   /* what this site alone calls the person */
    int64_t linked_at, used_at; /* used_at 0: never */
};
/* ERR_ABSENT unless the account's owner has linked the site. */
MUST_CHECK int site_linkage_get(struct portal_store *store, const char *account, const char *site,
                                struct site_linkage *ret, struct err *err);
/* Once more changes nothing. In the owner's log of the exchange. */
MUST_CHECK int site_link(struct portal_store *store, const struct account *account,
                         const struct site_row *site, const struct audit_origin *by,
                         struct err *err);
/* ERR_ABSENT if it is not linked. Whoever is in there is out: the site will be told. */
MUST_CHECK int site_unlink(struct portal_store *store, const struct account *account,
                           const struct site_row *site, const struct audit_origin *by,
                           struct err *err);

/* ---- signing on ---- */

struct site_login {
    char sid[PORTAL_ID_SIZE]; /* what the site calls the login */
    struct account account;
    char site[SITE_ID_MAX + 1];
    char sub[PORTAL_ID_SIZE];
    char challenge[PORTAL_SECRET_SIZE], nonce[SITE_VALUE_MAX + 1];
    int64_t auth_time, made_at, used_at; /* used_at 0: the code was not */
};
/* How one begins: by a code, of which the hash is kept. */
struct site_start {
    const char *site;
    const struct session *session;
    const struct digest *code;
    const char *challenge, *nonce;
};
/* ERR_ABSENT if the site is not linked (any more), ERR_DENIED if the session has ended since it was
 * found: the site would not be told of that. Forgets those that are old. */
MUST_CHECK int site_login_start(struct portal_store *store, const struct site_start *start,
                                const struct audit_origin *by, struct err *err);
/* By the hash of a code; ERR_ABSENT if there is none, or the linkage is over. */
MUST_CHECK int site_login_find(struct portal_store *store, const struct digest *code,
                               struct site_login *ret, struct err *err);
/*
 * The code is used, the site is told who it is: in the person's log of the exchange. ERR_CONFLICT
 * if it was used since it was found, which ends the login as site_login_end does, or if the linkage
 * or the session is over since.
 */
MUST_CHECK int site_login_use(struct portal_store *store, const struct site_login *login,
                              const struct site_row *site, const struct digest *access,
                              const struct audit_origin *by, struct err *err);
/* Its code came twice: the site is told that the person is out. */
MUST_CHECK int site_login_end(struct portal_store *store, const struct site_login *login,
                              const struct audit_origin *by, struct err *err);
/* Who an access token, by its hash, is of; ERR_ABSENT if it counts no more. */
MUST_CHECK int site_access_find(struct portal_store *store, const struct digest *access,
                                int64_t now, char ret_sub[PORTAL_ID_SIZE], struct err *err);
/* A site's assertion counts once: ERR_CONFLICT. */
MUST_CHECK int site_assertion_use(struct portal_store *store, const char *site,
                                  const struct digest *jti, int64_t ends_at, int64_t now,
                                  struct err *err);

/* ---- tokens that sites have for themselves ---- */

/* By its hash, for SITE_TOKEN_SECONDS. */
MUST_CHECK int site_token_add(struct portal_store *store, const struct digest *token,
                              const char *site, int64_t now, struct err *err);
/* Whose it is; ERR_ABSENT if it counts no more. */
MUST_CHECK int site_token_find(struct portal_store *store, const struct digest *token, int64_t now,
                               char ret_site[SITE_ID_MAX + 1], struct err *err);

/* ---- telling sites ---- */

/* In a transaction that ends a session of the portal: sites that it went on to will be told. */
MUST_CHECK int site_session_ended(struct db_txn *txn, const char *session, int64_t now,
                                  struct err *err);
struct site_telling {
    int64_t id;
    char site[SITE_ID_MAX + 1];
    char sub[PORTAL_ID_SIZE], sid[PORTAL_ID_SIZE]; /* sid "": all of theirs */
    int64_t tries;
};
/* The first one that is due; ERR_ABSENT. */
MUST_CHECK int site_telling_next(struct portal_store *store, int64_t now, struct site_telling *ret,
                                 struct err *err);
/* It was told, or is given up after SITE_TELL_TRIES; else it is due later. */
MUST_CHECK int site_telling_done(struct portal_store *store, const struct site_telling *telling,
                                 bool is_told, int64_t now, struct err *err);
