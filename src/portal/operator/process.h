/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service asked for by a consent: a process, which becomes questions of the exchange as a
 * person's own request does (selfinfo/selfinfo.h), and whose answers are told item by item as they
 * were consented to. Each handing over stands in the person's log, in its own transaction.
 */
#pragma once

#include "http/problem.h"
#include "portal/operator/consent.h"
#include "portal/portal.h"
#include "portal/selfinfo/selfinfo.h"

/* Failures with names, which all rows for services have. */
enum operator_problem {
    OPERATOR_BAD_TOKEN,
    OPERATOR_BAD_CERTIFICATE,
    OPERATOR_NOT_APPROVED,
    OPERATOR_CONSENT_OVER,
    OPERATOR_NOT_CONSENTED,
    OPERATOR_CONSENT_USED,
    OPERATOR_NO_PROCESS,
    OPERATOR_NO_NOTICE,
    OPERATOR_SWITCHED_OFF,
    OPERATOR_TOO_MANY,
    OPERATOR_KEY_USED,
    OPERATOR_MAINTENANCE,
    OPERATOR_NO_APPLICATION,
    OPERATOR_APPLICATION_OPENED,
    OPERATOR_APPLICATION_CLOSED,
    OPERATOR_NO_PROCEDURE,
    OPERATOR_PROBLEMS_
};
extern const struct http_problem operator_problems[];
#define OPERATOR_FAILS                                                                             \
    (HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |                     \
     HTTP_FAIL(ERR_REMOTE))
MUST_CHECK int operator_fail(enum operator_problem problem, struct err *err);

/*
 * The consent that a request shows by its token; the names are those of the problems. api NULL: by
 * whichever interface.
 */
MUST_CHECK int operator_bearer(const struct http_call *call, const char *api,
                               struct operator_access *ret, struct err *err);
extern const struct http_access operator_with_token;

/*
 * Keep a process, under the id that it has; is_told: the service has an address to be told at.
 * OPERATOR_CONSENT_OVER if the consent has ended since it was found.
 */
MUST_CHECK int operator_process_add(struct db *db, const struct operator_consent *consent,
                                    const struct selfinfo_request *request, bool is_told,
                                    const struct audit_origin *by, struct err *err);
/* OPERATOR_NO_PROCESS for another consent's as for none. */
MUST_CHECK int operator_process_get(struct db *db, const struct operator_consent *consent,
                                    const char *id, struct selfinfo_request *ret, struct err *err);
/* Ask for what was not asked yet, as far as that is possible now. */
MUST_CHECK int operator_process_continue(const struct portal *portal, const char *client,
                                         struct selfinfo_request *request,
                                         const struct audit_origin *by, struct err *err);
/*
 * How a process stands, and what is there of it by now: that is in the person's log when this
 * returns, who is told the first time.
 */
MUST_CHECK int operator_process_tell(const struct portal *portal,
                                     const struct operator_consent *consent,
                                     const struct selfinfo_request *request,
                                     const struct audit_origin *by, struct json **ret,
                                     struct err *err);
extern const struct http_member operator_result_members[];

/* ---- those that are to be told ---- */

struct operator_due {
    char process[PORTAL_ID_SIZE], client[OPERATOR_ID_SIZE];
    int64_t tries;
    struct operator_consent consent;
};
/* One whose time has come; ERR_ABSENT if there is none. */
MUST_CHECK int operator_process_due(struct db *db, int64_t now, struct operator_due *ret,
                                    struct err *err);
/* When it is looked at again; 0: never. */
MUST_CHECK int operator_process_again(struct db *db, const struct operator_due *due, int64_t at,
                                      int64_t tries, struct err *err);
/* Whether nothing more will come. */
MUST_CHECK int operator_process_is_over(const struct portal *portal,
                                        const struct selfinfo_request *request, bool *ret,
                                        struct err *err);
