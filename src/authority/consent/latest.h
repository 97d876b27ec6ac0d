/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The latest attributes (design 5, F5, steps 7 and 8; pki.md 5): a verifier presents the sign
 * certificate that a provider knows its customer by. If that one has ended, a newer one is there,
 * and the customer has consented, what the newer one says is told; it is known here only from the
 * certificates. Each such hit is charged, in the same transaction, once however often it is asked.
 */
#pragma once

#include "authority/consent/consent.h"
#include "authority/party/link.h"

/* In the order in which they are looked at: nothing of a person is told before consent is clear. */
enum latest_outcome {
    LATEST_GIVEN,
    LATEST_NOT_NOTIFIED, /* the verifier has no notice of this service */
    LATEST_UNKNOWN,      /* no such certificate, or it is nobody's */
    LATEST_NO_CONSENT,
    LATEST_NOT_YET, /* a consent counts from the next day */
    LATEST_EXPIRED,
    LATEST_WITHDRAWN,
    LATEST_NOT_CONSENTED, /* to this attribute */
    LATEST_NOT_REVOKED,   /* the certificate is in force: nothing is newer */
    LATEST_NOT_REISSUED,  /* it has ended, and there is no newer one in force */
    LATEST_CEASED,        /* the last one has ended for good: death, abroad, or by the holder */
    LATEST_OUTCOMES_
};
extern const char *const latest_outcomes[];

struct latest_question {
    const struct party *party;
    const char *request_id; /* the same one is charged once */
    const char *provider, *service;
    struct presented presented; /* a sign certificate */
    bool is_unknown;            /* it was not found */
    unsigned attributes;        /* which ones; 0: all that are consented to */
    const struct audit_origin *by;
};

struct latest {
    enum latest_outcome outcome;
    /* For LATEST_GIVEN alone. */
    uint32_t serial;     /* of the newer certificate */
    struct buf cert;     /* it, DER */
    unsigned attributes; /* of it that may be told */
    int64_t charged_at;  /* by this call or an earlier one with this request_id */
    bool is_new;         /* by this one */
};

#define LATEST_INIT                                                                                \
    {                                                                                              \
        .outcome = LATEST_UNKNOWN                                                                  \
    }
void latest_done(struct latest *latest);

/*
 * ERR_DENIED for a verifier that is none of sign certificates; ERR_CONFLICT for a request_id that
 * was used for another question.
 */
MUST_CHECK int authority_answer_latest(struct authority_store *store,
                                       const struct latest_question *question, struct latest *ret,
                                       struct err *err);
/* The attributes that may be told, out of the certificate, into an object. */
MUST_CHECK int latest_put(const struct latest *latest, struct json *object, struct err *err);
