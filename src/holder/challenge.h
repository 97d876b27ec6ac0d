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

/* What a provider may ask for besides who it is: bits of a challenge's wants. */
enum challenge_want {
    CHALLENGE_WANTS_NAME = 1U << 0,
    CHALLENGE_WANTS_ADDRESS = 1U << 1,
    CHALLENGE_WANTS_BIRTH_DATE = 1U << 2,
    CHALLENGE_WANTS_SEX = 1U << 3,
};
enum { CHALLENGE_WANTS_ = 4 }; /* how many there are */

struct challenge {
    char session[CHALLENGE_SESSION_MAX + 1];
    char client_id[CHALLENGE_NAME_MAX + 1];
    char provider_name[CHALLENGE_NAME_MAX + 1];   /* UTF-8 from outside: make it harmless first */
    char provider_origin[CHALLENGE_NAME_MAX + 1]; /* the same */
    char redirect_uri[CHALLENGE_URI_MAX + 1];     /* where the browser goes next; "": nowhere */
    unsigned wants; /* enum challenge_want; 0: a pseudonym is enough, without the sign key */
    uint8_t nonce[BOUND_NONCE_SIZE];
    int64_t expires_at; /* UTC seconds */
    uint8_t issuers[CHALLENGE_ISSUERS_MAX][20];
    size_t issuer_count;
    char secret[CHALLENGE_SESSION_MAX + 1]; /* of whoever opened it; "" if that was not us */
};

/*
 * From a platform's answer; ERR_INPUT for anything but a complete challenge, for a wish that cannot
 * be told to the holder, and for an address to go on to that is not at the provider's origin.
 */
MUST_CHECK int challenge_parse(const struct json *answer, struct challenge *ret, struct err *err);
void challenge_done(struct challenge *challenge); /* wipes the secret */

/* What is wished for, a msgid; index below CHALLENGE_WANTS_, for the bit 1 << index. */
const char *challenge_want_title(size_t index);
const char *challenge_want_scope(size_t index); /* as services call it: "name", "address", ... */
/* Inside this room: member "issuers", and "wants"; ERR_INPUT as challenge_parse. */
MUST_CHECK int challenge_take_issuers(const struct json *answer, struct challenge *ret,
                                      struct err *err);
MUST_CHECK int challenge_take_wants(const struct json *answer, struct challenge *ret,
                                    struct err *err);

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

/*
 * What the card signs, built here and nowhere else: no part of it comes from the platform as bytes.
 * origin: as reached (remote_origin). docs/card-protocol.md has it byte by byte.
 */
MUST_CHECK int challenge_digest(const struct challenge *challenge, const char *origin,
                                struct digest *ret, struct err *err);

struct challenge_signing {
    const char *origin; /* as reached: remote_origin */
    const struct secret *pin;
    const struct secret *sign_pin; /* if the challenge has wants; else NULL */
    bool may_use_last_try;
    int64_t now;
};

/* What the card signed. The sign key's part is there if the challenge has wants. */
struct challenge_proof {
    struct x509_cert *cert, *sign_cert;
    struct buf signature, sign_signature;
};

void challenge_proof_done(struct challenge_proof *proof);

/*
 * Send the PIN, or both, and have the card sign the message, in one transaction. Certificates are
 * read and looked at again in it, so the card that signs is the one that was checked; signatures
 * are checked before they are returned. Nothing is sent to the card if the time is over, or if the
 * sign key is needed and there is no password for it.
 */
MUST_CHECK int challenge_sign(const struct challenge *challenge, struct icc *icc,
                              const struct challenge_signing *with, struct challenge_proof *ret,
                              struct err *err);

/* CHALLENGE_CODE_LEN digits. */
bool challenge_is_code(const char *text);
/*
 * Send the answer. code: as shown to whoever opened the login; NULL if that was us. ERR_DENIED for
 * a wrong code, ERR_UNTRUSTED if the platform does not accept certificate or signature, ERR_REMOTE
 * if the login is over or answered already.
 */
MUST_CHECK int challenge_answer(const struct challenge *challenge, struct remote *remote,
                                const struct challenge_proof *proof, const char *code,
                                struct err *err);
/*
 * Say that the holder does not want to. code and failures as above; ERR_REMOTE also from a platform
 * that takes no refusals: there the login ends with its time.
 */
MUST_CHECK int challenge_refuse(const struct challenge *challenge, const struct remote *remote,
                                const char *code, struct err *err);
/* The pseudonym by which the provider knows the holder; only for whoever opened the login. */
MUST_CHECK int challenge_redeem(const struct challenge *challenge, const struct remote *remote,
                                char ret[SUBJECT_MAX + 1], struct err *err);
