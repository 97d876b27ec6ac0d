/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a platform asks the authority, on its interface for verifiers (jpki-authorityd(8)): requests
 * that its key at signerd signs, each good for one act, once.
 */
#pragma once

#include "base/json.h"
#include "fetch/limits.h"
#include "platform/login/store.h"
#include "platform/platform.h"

enum { DOOR_ID_SIZE = 23 };
/* An id for a question that may be asked again. */
MUST_CHECK int door_make_id(char ret[DOOR_ID_SIZE], struct err *err);

/* One question. */
struct door_question {
    const char *act;      /* "link" */
    const char *path;     /* "/v1/verifier/links" */
    const char *id;       /* under which it is charged once; NULL: a new one */
    struct json *members; /* what the act has beside the frame; taken */
    const char *accept;   /* media types of the answer; NULL: JSON */
    size_t limit;         /* bytes of it; 0: FETCH_BODY_DEFAULT */
    int wait_ms;          /* how long the authority may keep it */
    char *problem;        /* FETCH_PROBLEM_SIZE; gets the name of a refusal; NULL: has none */
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
 * it is the fault of whoever asks the platform; the sentence tells an operator. ERR_ABSENT stays,
 * and so does a refusal that has a name (http/problem.h), where the question takes names: that one
 * is about what was handed on.
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
