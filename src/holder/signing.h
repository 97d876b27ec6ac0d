/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing a document for a provider, as the holder sees it (pki.md 7.1): the provider gives title,
 * text and digest, and the card's sign key signs the digest. Nothing is signed that was not hashed
 * here: the document, as the service hands it out or as the holder has it, or the text itself. And
 * a message of ours, as logins sign it, is no document, whoever calls it one.
 */
#pragma once

#include "base/secret.h"
#include "client/icc.h"
#include "crypto/digest.h"
#include "holder/remote.h"

struct signing {
    char session[CHALLENGE_SESSION_MAX + 1];
    char client_id[CHALLENGE_NAME_MAX + 1];
    char provider_name[CHALLENGE_NAME_MAX + 1];   /* UTF-8 from outside: make it harmless first */
    char provider_origin[CHALLENGE_NAME_MAX + 1]; /* the same */
    char title[SIGNING_TITLE_MAX + 1];            /* the same */
    char text[SIGNING_TEXT_MAX + 1];              /* the same; "": none */
    struct origin platform;                       /* which the certificate is encrypted to */
    struct digest digest;                         /* SHA-256 */
    bool is_bare;                                 /* signed without DigestInfo */
    bool has_document;                            /* the service hands it out */
    int64_t expires_at;                           /* UTC seconds */
};

/* ERR_INPUT for anything but a complete one. */
MUST_CHECK int signing_parse(const struct json *answer, struct signing *ret, struct err *err);
/* By the session in its address. ERR_REMOTE if it is over or was answered. */
MUST_CHECK int signing_get(const struct remote *remote, const char *session, struct signing *ret,
                           struct err *err);
/* ERR_REMOTE if its time is over, ERR_UNTRUSTED if it would last longer than SIGNING_SECONDS_MAX.
 */
MUST_CHECK int signing_check_time(const struct signing *signing, int64_t now, struct err *err);

/* The document that the service hands out. */
MUST_CHECK int signing_fetch(const struct signing *signing, const struct remote *remote,
                             struct buf *ret, struct err *err);
/* Whether the text is all that is signed. */
bool signing_is_text(const struct signing *signing);
/*
 * Whether this is the document that shall be signed. ERR_UNTRUSTED if it has another digest, or if
 * it is a message that a key of a card signs for something else.
 */
MUST_CHECK int signing_check_document(const struct signing *signing, struct bytes document,
                                      struct err *err);

struct signing_wish {
    const struct secret *password;
    bool may_use_last_try;
    int64_t now;
};
struct signing_proof {
    struct x509_cert *cert;
    struct buf signature;
};
void signing_proof_done(struct signing_proof *proof);

/*
 * Send the password and have the card sign, in one transaction. The signature is checked before it
 * is returned. To be called for what signing_check_document has let through.
 */
MUST_CHECK int signing_sign(const struct signing *signing, struct icc *icc,
                            const struct signing_wish *wish, struct signing_proof *ret,
                            struct err *err);
/*
 * Send it, with the code that the provider shows; the certificate is encrypted to the platform.
 * ERR_DENIED for a wrong code; ERR_UNTRUSTED if the service does not accept it; ERR_REMOTE if it is
 * over or was answered.
 */
MUST_CHECK int signing_answer(const struct signing *signing, const struct remote *remote,
                              const struct signing_proof *proof, const char *code, struct err *err);
/* Say that the holder does not want to. */
MUST_CHECK int signing_refuse(const struct signing *signing, const struct remote *remote,
                              const char *code, struct err *err);
