/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in with a card, as its holder sees it (design 5, F3). The platform gives a challenge;
 * the message that the card signs is built here, from what this side sees (crypto/bound.h). So
 * whoever passes a challenge on, or stands between, gets a signature that no other origin,
 * provider or login accepts.
 */
#pragma once

#include "base/secret.h"
#include "client/icc.h"
#include "crypto/bound.h"
#include "holder/remote.h"

struct challenge {
    char session[CHALLENGE_SESSION_MAX + 1];
    char client_id[CHALLENGE_NAME_MAX + 1];
    char provider_name[CHALLENGE_NAME_MAX + 1];   /* UTF-8 from outside: make it harmless first */
    char provider_origin[CHALLENGE_NAME_MAX + 1]; /* the same */
    uint8_t nonce[BOUND_NONCE_SIZE];
    int64_t expires_at; /* UTC seconds */
    uint8_t issuers[CHALLENGE_ISSUERS_MAX][20];
    size_t issuer_count;
    char secret[CHALLENGE_SESSION_MAX + 1]; /* of whoever opened it; "" if that was not us */
};

/* From a platform's answer; ERR_INPUT for anything but a complete challenge. */
MUST_CHECK int challenge_parse(const struct json *answer, struct challenge *ret, struct err *err);
void challenge_done(struct challenge *challenge); /* wipes the secret */

/*
 * Open a login with a provider. ERR_INPUT if the platform has no provider of this name,
 * ERR_UNTRUSTED if the challenge is for another one.
 */
MUST_CHECK int challenge_open(const struct remote *remote, const char *client_id,
                              struct challenge *ret, struct err *err);
/*
 * Take over a login that somebody else opened: the session in the address that was shown. Needs a
 * code to be answered. ERR_REMOTE if it is over or answered.
 */
MUST_CHECK int challenge_join(const struct remote *remote, const char *session,
                              struct challenge *ret, struct err *err);

/*
 * May it be answered at this time? ERR_REMOTE if its time is over, ERR_UNTRUSTED if it would be
 * good for longer than CHALLENGE_SECONDS_MAX.
 */
MUST_CHECK int challenge_check_time(const struct challenge *challenge, int64_t now,
                                    struct err *err);
/* Whether the platform lists the authority with this key identifier; ERR_UNTRUSTED if not. */
MUST_CHECK int challenge_check_issuer(const struct challenge *challenge, struct bytes key_id,
                                      struct err *err);
/*
 * The same for the card, before any PIN: by the auth certificate, or by its authority's where a
 * PIN is needed for it (phones). ERR_UNTRUSTED also if the certificate is not valid now.
 */
MUST_CHECK int challenge_check_card(const struct challenge *challenge, struct icc *icc, int64_t now,
                                    struct err *err);

struct challenge_signing {
    const char *origin; /* as reached: remote_origin */
    const struct secret *pin;
    bool may_use_last_try;
    int64_t now;
};

/*
 * Send the PIN and have the card sign the message, in one transaction. The certificate is read and
 * looked at again in it, so the card that signs is the one that was checked; its signature is
 * checked before it is returned. Nothing is sent to the card if the time is over.
 */
MUST_CHECK int challenge_sign(const struct challenge *challenge, struct icc *icc,
                              const struct challenge_signing *with, struct x509_cert **ret_cert,
                              struct buf *ret_signature, struct err *err);

/* CHALLENGE_CODE_LEN digits. */
bool challenge_is_code(const char *text);
/*
 * Send the answer. code: as shown to whoever opened the login; NULL if that was us. ERR_DENIED for
 * a wrong code, ERR_UNTRUSTED if the platform does not accept certificate or signature, ERR_REMOTE
 * if the login is over or answered already.
 */
MUST_CHECK int challenge_answer(const struct challenge *challenge, struct remote *remote,
                                const struct x509_cert *cert, struct bytes signature,
                                const char *code, struct err *err);
/* The pseudonym by which the provider knows the holder; only for whoever opened the login. */
MUST_CHECK int challenge_redeem(const struct challenge *challenge, const struct remote *remote,
                                char ret[SUBJECT_MAX + 1], struct err *err);
