/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins (design 5, F3): a challenge for one provider, 60 seconds, answered once by whoever opened
 * it, or by somebody who was shown its code. What the auth key signs is built anew here from what
 * the platform knows (crypto/bound.h), so an answer for another origin, client, session or moment
 * does not verify.
 */
#pragma once

#include "platform/login/store.h"
#include "platform/platform.h"
#include "platform/tenant/store.h"

enum {
    LOGIN_SECRET_SIZE = 44,  /* 32 octets in base64url and a NUL */
    LOGIN_SUBJECT_SIZE = 44, /* a pseudonym: the same */
};

struct opened_login {
    struct login login;
    struct tenant tenant;
    char secret[LOGIN_SECRET_SIZE]; /* known to the opener alone; kept as its hash */
};

/* ERR_ABSENT if there is no such client. */
MUST_CHECK int login_open(const struct platform *platform, const char *client_id,
                          struct opened_login *ret, struct err *err);

/*
 * Open one at the platform itself, for its console; invitation is the hash of one that comes with
 * it, or NULL. The tenant in ret is the platform.
 */
MUST_CHECK int login_open_console(const struct platform *platform, const struct digest *invitation,
                                  struct opened_login *ret, struct err *err);

/* The challenge again, for somebody who was given its address. Without secret and code. */
MUST_CHECK int login_get(const struct platform *platform, const char *session,
                         struct opened_login *ret, struct err *err);

struct login_answer {
    const char *session;
    const char *certificate; /* compact JWE */
    struct bytes signature;
    const char *secret;   /* the opener's, or NULL */
    const char *code;     /* as shown to the opener, or NULL */
    const char *trace_id; /* of the request, for the audit log; NULL: none */
};

/*
 * ERR_DENIED without the secret or the right code, ERR_ABSENT for a login that is over,
 * ERR_CONFLICT for one that is answered, ERR_UNTRUSTED for a certificate or signature that does
 * not hold, ERR_REMOTE if revocation cannot be found out. Nothing has changed after a failure, but
 * for the count of wrong codes.
 */
MUST_CHECK int login_answer(const struct platform *platform, struct signer *signer,
                            const struct login_answer *answer, struct err *err);

/*
 * Who logged in, as the provider knows him: once, for the opener (platform_redeem_login).
 * trace_id as in struct login_answer.
 */
MUST_CHECK int login_redeem(const struct platform *platform, const char *session,
                            const char *secret, const char *trace_id,
                            char ret_subject[LOGIN_SUBJECT_SIZE], struct err *err);

/* The pseudonym by which a provider knows a person. */
MUST_CHECK int login_subject(const struct platform *platform, const char *client_id,
                             const uint8_t holder[HOLDER_ID_SIZE], char ret[LOGIN_SUBJECT_SIZE],
                             struct err *err);
