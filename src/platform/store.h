/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform keeps: its tenants, the logins of the last minutes, who logged in (as a random
 * number), and that a verification was made. No certificate, no attribute, no document.
 *
 * Any thread may call; what a call acknowledged is durable, and who did it (by) is in the audit
 * log, in the same transaction.
 */
#pragma once

#include "audit/audit.h"
#include "audit/tree.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "platform/limits.h"

struct platform_store;

MUST_CHECK int platform_store_open(const char *path, struct platform_store **ret, struct err *err);
void platform_store_close(struct platform_store *store);
void platform_store_closep(struct platform_store **store);
MUST_CHECK int platform_store_ping(struct platform_store *store, struct err *err);
/* The audit log behind a number, as audit_list (audit/audit.h). */
MUST_CHECK int platform_list_audit(struct platform_store *store, const char *since,
                                   struct json **ret, struct err *err);
/* The same as a Merkle tree, as audit_tree (audit/tree.h). */
MUST_CHECK int platform_audit_tree(struct platform_store *store,
                                   const struct audit_tree_query *query, struct json **ret,
                                   struct err *err);

/* A secret of the platform as signerd wrapped it; ERR_ABSENT if there is none. */
MUST_CHECK int platform_get_wrapped(struct platform_store *store, const char *name, struct buf *ret,
                                    struct err *err);
/* ERR_CONFLICT if there is one of that name: what is derived from it must never change. */
MUST_CHECK int platform_put_wrapped(struct platform_store *store, const char *name,
                                    struct bytes wrapped, struct err *err);

/* A provider. */
struct tenant {
    char client_id[CLIENT_ID_MAX + 1];
    char name[TENANT_NAME_MAX + 1]; /* as people read it */
    char origin[TENANT_ORIGIN_MAX + 1];
};

/* key is the SHA-256 of its bearer key. ERR_CONFLICT if the client id is taken. */
MUST_CHECK int platform_add_tenant(struct platform_store *store, const struct tenant *tenant,
                                   const struct digest *key, const struct audit_origin *by,
                                   struct err *err);
/* Another key in the place of the old one. ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_set_tenant_key(struct platform_store *store, const char *client_id,
                                       const struct digest *key, const struct audit_origin *by,
                                       struct err *err);
/* ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_get_tenant(struct platform_store *store, const char *client_id,
                                   struct tenant *ret, struct err *err);
/* ERR_ABSENT if the key is nobody's. */
MUST_CHECK int platform_get_tenant_by_key(struct platform_store *store, const struct digest *key,
                                          struct tenant *ret, struct err *err);

enum {
    LOGIN_SESSION_SIZE = 23, /* 16 octets in base64url and a NUL */
    LOGIN_CODE_SIZE = 7,     /* six digits and a NUL */
    LOGIN_NONCE_SIZE = 32,
    HOLDER_ID_SIZE = 32,
    VERIFICATION_ID_SIZE = 23,
};

/* A challenge and what became of it. */
struct login {
    char session[LOGIN_SESSION_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
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
 * A further certificate of somebody who is known by another one; shown at that login. Once more is
 * fine. ERR_ABSENT if the other one is not known.
 */
MUST_CHECK int platform_link_holder(struct platform_store *store, const struct holder_key *known,
                                    const struct holder_key *further, const char *session,
                                    const struct audit_origin *by, struct err *err);
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

/* A verdict that was given. */
struct verification {
    char id[VERIFICATION_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    int64_t at;
    char verdict[16];
};

/* outcome, for the audit log alone, is the verdict and why (AUDIT_OUTCOME_MAX). */
MUST_CHECK int platform_keep_verification(struct platform_store *store,
                                          const struct verification *verification,
                                          const char *outcome, const struct audit_origin *by,
                                          struct err *err);
/* ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int platform_get_verification(struct platform_store *store, const char *id,
                                         const char *client_id, struct verification *ret,
                                         struct err *err);
