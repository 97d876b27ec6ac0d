/* SPDX-License-Identifier: Apache-2.0 */
/* Logins of the last minutes, and who logged in, as they are kept (platform/store.h). */
#pragma once

#include "crypto/digest.h"
#include "platform/limits.h"
#include "platform/store.h"

enum {
    LOGIN_SESSION_SIZE = 23, /* 16 octets in base64url and a NUL */
    LOGIN_CODE_SIZE = 7,     /* six digits and a NUL */
    LOGIN_NONCE_SIZE = 32,
    HOLDER_ID_SIZE = 32,
};

/* Under which name the platform itself is logged in at; no tenant is called so. */
#define LOGIN_CONSOLE_CLIENT "console"

/* A challenge and what became of it. */
struct login {
    char session[LOGIN_SESSION_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    bool is_console;          /* at the platform itself; client_id is LOGIN_CONSOLE_CLIENT */
    struct digest invitation; /* to the console, that comes with it; of length 0: none */
    uint8_t nonce[LOGIN_NONCE_SIZE];
    int64_t expires_at;         /* UTC seconds; an answer counts up to and including it */
    struct digest secret;       /* SHA-256 of the opener's secret */
    char code[LOGIN_CODE_SIZE]; /* shown to the opener */
    int64_t wrong_codes;
    bool is_answered;
};

/*
 * Keep a new login and forget those that are over. ERR_ABSENT if there is no such client,
 * ERR_REMOTE if LOGINS_OPEN_MAX are kept already.
 */
MUST_CHECK int platform_open_login(struct platform_store *store, const struct login *login,
                                   int64_t now, struct err *err);
/* ERR_ABSENT if there is none of that name, or it is over and forgotten. */
MUST_CHECK int platform_get_login(struct platform_store *store, const char *session,
                                  struct login *ret, struct err *err);
/*
 * ERR_DENIED unless this is the code of the login. Each wrong one is counted before it is answered;
 * after LOGIN_CODES_MAX of them no code is right, which is in the audit log.
 */
MUST_CHECK int platform_check_code(struct platform_store *store, const char *session,
                                   const char *code, const struct audit_origin *by,
                                   struct err *err);
/*
 * An answer to a login was judged and does not hold; why is words of the program's own. Nothing
 * but the audit log changes, and not even that after LOGIN_REFUSALS_MAX of them: anybody may
 * answer as often as he likes.
 */
MUST_CHECK int platform_note_refusal(struct platform_store *store, const char *session,
                                     const char *why, const struct audit_origin *by,
                                     struct err *err);

/* A person as an auth certificate names him: never leaves the store. */
struct holder_key {
    struct bytes issuer; /* key identifier of the CA */
    struct bytes serial;
};

/* ERR_ABSENT unless somebody has logged in with this certificate, or one that is linked to it. */
MUST_CHECK int platform_know_holder(struct platform_store *store, const struct holder_key *who,
                                    struct err *err);
/*
 * A further certificate of somebody who is known by another one; shown at that login, or in that
 * authentication. Once more is fine. ERR_ABSENT if the other one is not known.
 */
MUST_CHECK int platform_link_holder(struct platform_store *store, const struct holder_key *known,
                                    const struct holder_key *further, const char *session,
                                    const struct audit_origin *by, struct err *err);
/*
 * Two certificates of one person, whichever of them he is known by: neither makes him somebody new
 * from now on. Once more is fine.
 */
MUST_CHECK int platform_join_holder(struct platform_store *store, const struct holder_key *one,
                                    const struct holder_key *other, const char *session,
                                    const struct audit_origin *by, struct err *err);
/* The random id of a person, made if he is here for the first time. */
MUST_CHECK int platform_get_holder(struct platform_store *store, const struct holder_key *who,
                                   uint8_t ret[HOLDER_ID_SIZE], struct err *err);
/*
 * The login is answered by this person, who gets a random id if he is here for the first time.
 * Once per login, in time: ERR_CONFLICT if it was answered, or its time is over. outcome as in
 * platform_keep_verification.
 */
MUST_CHECK int platform_answer_login(struct platform_store *store, const char *session,
                                     const struct holder_key *who, const char *outcome,
                                     const struct audit_origin *by, struct err *err);
/*
 * Who answered, once: the login is then gone. ERR_DENIED if this is not its secret, ERR_CONFLICT
 * if nobody answered yet, ERR_ABSENT if there is no such login or its time is over.
 */
MUST_CHECK int platform_redeem_login(struct platform_store *store, const char *session,
                                     const struct digest *secret, const struct audit_origin *by,
                                     uint8_t ret[HOLDER_ID_SIZE], struct err *err);
/* For stores of this room, inside their transaction: the same, of a login of the console or not. */
struct db_txn;
struct login_taking {
    const char *session;
    const struct digest *secret;
    bool is_console;
};
MUST_CHECK int platform_take_login(struct db_txn *txn, const struct login_taking *taking,
                                   const struct audit_origin *by, struct login *ret,
                                   uint8_t ret_holder[HOLDER_ID_SIZE], struct err *err);
