/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a platform asks the authority, on its interface for verifiers (jpki-authorityd(8)): requests
 * that its key at signerd signs, each good for one act, once.
 */
#pragma once

#include "base/json.h"
#include "platform/login/store.h"
#include "platform/platform.h"

/* One question. */
struct door_question {
    const char *act;      /* "link" */
    const char *path;     /* "/v1/verifier/links" */
    struct json *members; /* what the act has beside the frame; taken */
    const char *accept;   /* media types of the answer; NULL: JSON */
    size_t limit;         /* bytes of it; 0: FETCH_BODY_DEFAULT */
    int wait_ms;          /* how long the authority may keep it */
};

/* Whether this platform is configured to ask at all. */
bool door_is_there(const struct platform *platform);

/* An answer: JSON, or bytes where something else was accepted. 204 leaves both empty. */
struct door_answer {
    unsigned status;
    struct json *json;
    struct buf body;
};

void door_answer_done(struct door_answer *answer);

/*
 * Ask. Failures are ERR_REMOTE whatever the authority says against this platform, because none of
 * it is the fault of whoever asks the platform; the sentence tells an operator, and detail is the
 * HTTP status of the answer (0: there was none). ERR_ABSENT stays.
 */
MUST_CHECK int door_ask(const struct platform *platform, struct signer *signer,
                        const struct door_question *question, struct door_answer *ret,
                        struct err *err);

/* Where the platform stands as a verifier; from door_standing. */
struct standing {
    char name[65];
    bool verifies_sign, verifies_auth;
    int64_t certificate_ends; /* UTC seconds: of the certificate that signs its requests */
};
MUST_CHECK int door_standing(const struct platform *platform, struct signer *signer,
                             struct standing *ret, struct err *err);

/* Another certificate of the same person, as the authority leads to it. */
struct linked {
    bool is_there;
    struct buf issuer; /* key identifier of its CA */
    struct buf serial; /* octets of the positive integer */
};

void linked_done(struct linked *linked);
/* Ask what went before the certificate that a CA (key identifier) issued under that serial: of the
 * same kind. */
MUST_CHECK int door_before(const struct platform *platform, struct signer *signer,
                           const struct holder_key *certificate, struct linked *ret,
                           struct err *err);
/* Ask which certificate of the other kind, sign or auth, goes with one (DER) now. */
MUST_CHECK int door_counterpart(const struct platform *platform, struct signer *signer,
                                struct bytes certificate, struct linked *ret, struct err *err);
