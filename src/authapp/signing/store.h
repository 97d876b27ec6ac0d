/* SPDX-License-Identifier: Apache-2.0 */
/* What relying parties want signed, as it is kept (authapp/store.h). */
#pragma once

#include "authapp/limits.h"
#include "authapp/login/store.h"
#include "authapp/store.h"
#include "crypto/digest.h"
#include "fetch/limits.h"

enum { SIGNING_ID_SIZE = 37 }; /* a UUID and a NUL */

enum signing_outcome { SIGNING_OPEN, SIGNING_SIGNED, SIGNING_DENIED };

struct signing {
    char id[SIGNING_ID_SIZE];      /* by which the relying party asks for the result */
    char session[AUTHAPP_ID_SIZE]; /* in the address for the holder */
    char client_id[AUTHAPP_CLIENT_ID_MAX + 1];
    char platform[FETCH_URI_MAX + 1]; /* whose key the certificate is encrypted to */
    char title[AUTHAPP_SIGNING_TITLE_MAX + 1];
    struct buf text;      /* empty: none */
    struct digest digest; /* SHA-256 */
    bool is_bare;         /* signed without DigestInfo */
    bool has_document;
    struct buf document; /* read by signing_document alone */
    char code[LOGIN_CODE_SIZE];
    int64_t wrong_codes;
    int64_t expires_at; /* an answer counts up to and including it */
    enum signing_outcome outcome;
    struct buf certificate, signature; /* JWE, and octets; empty unless signed */
    char login[AUTHAPP_ID_SIZE];       /* whose browser was sent for it; "": nobody's yet */
};
void signing_done(struct signing *signing);

/* Forgets those that are over. ERR_REMOTE if the client has AUTHAPP_SIGNINGS_MAX already. */
MUST_CHECK int authapp_open_signing(struct authapp_store *store, const struct signing *signing,
                                    const struct audit_origin *by, struct err *err);
/* Without the document. ERR_ABSENT if there is none. */
MUST_CHECK int authapp_signing_of_session(struct authapp_store *store, const char *session,
                                          struct signing *ret, struct err *err);
/* The same, of this client alone. */
MUST_CHECK int authapp_signing_of_client(struct authapp_store *store, const char *client_id,
                                         const char *id, struct signing *ret, struct err *err);
MUST_CHECK int authapp_signing_document(struct authapp_store *store, const char *session,
                                        struct buf *ret, struct err *err);
/* As authapp_check_code for logins. */
MUST_CHECK int authapp_check_signing_code(struct authapp_store *store, const char *session,
                                          const char *code, const struct audit_origin *by,
                                          struct err *err);
/*
 * An answered login of the same client goes on with an open signing, which is its own from now on;
 * the login is kept until the signing is over. Once more is fine. ERR_CONFLICT if the signing is
 * another login's or is not open.
 */
MUST_CHECK int authapp_claim_signing(struct authapp_store *store, const struct signing *signing,
                                     const char *login, int64_t now, struct err *err);
struct signing_end {
    struct bytes certificate, signature; /* both empty: the holder does not want to */
    const char *why;                     /* then: words of the program's own */
};
/* An open signing comes to its end, once: ERR_CONFLICT otherwise. The document is forgotten. */
MUST_CHECK int authapp_end_signing(struct authapp_store *store, const char *session,
                                   const struct signing_end *end, const struct audit_origin *by,
                                   struct err *err);
