/* SPDX-License-Identifier: Apache-2.0 */
/* Whose consent a request shows. */
#include "portal/operator/process.h"

#include "http/limiter.h"
#include "portal/gateway/door.h"

#include <string.h>

const struct http_problem operator_problems[] = {
    [OPERATOR_BAD_TOKEN] = {"token-unknown", ERR_DENIED, "the access token is unknown or over"},
    [OPERATOR_BAD_CERTIFICATE] = {"certificate-differs", ERR_DENIED,
                                  "the access token is bound to another certificate"},
    [OPERATOR_NOT_APPROVED] = {"operator-not-approved", ERR_DENIED,
                               "the service is suspended or has ended"},
    [OPERATOR_CONSENT_OVER] = {"consent-over", ERR_DENIED,
                               "the consent was withdrawn, or its time is over"},
    [OPERATOR_NOT_CONSENTED] = {"not-consented", ERR_DENIED,
                                "the person has not consented to that"},
    [OPERATOR_CONSENT_USED] = {"consent-used", ERR_CONFLICT,
                               "the consent was for one request, or for fewer"},
    [OPERATOR_NO_PROCESS] = {"process-unknown", ERR_ABSENT, "there is no such process here"},
    [OPERATOR_NO_NOTICE] = {"notice-unknown", ERR_ABSENT, "there is no such notice here"},
    [OPERATOR_SWITCHED_OFF] = {"switched-off", ERR_DENIED,
                               "the person does not want notices of this sender"},
    [OPERATOR_TOO_MANY] = {"too-many-notices", ERR_CONFLICT,
                           "there were as many in a day as may be, to this person or to all"},
    [OPERATOR_KEY_USED] = {"key-used", ERR_CONFLICT, "another notice of the sender's had this key"},
    [OPERATOR_MAINTENANCE] = {"maintenance", ERR_REMOTE,
                              "this interface is out of service; the status page says how long"},
    [OPERATOR_NO_APPLICATION] = {"application-unknown", ERR_ABSENT,
                                 "the service prepared no such application for the person"},
    [OPERATOR_APPLICATION_OPENED] = {"application-opened", ERR_CONFLICT,
                                     "the person has opened it, so nothing more comes into it"},
    [OPERATOR_APPLICATION_CLOSED] = {"application-closed", ERR_CONFLICT,
                                     "it was submitted, thrown away or taken back before"},
    [OPERATOR_NO_PROCEDURE] = {"procedure-unknown", ERR_ABSENT,
                               "there is no such procedure that can be applied for here"},
    [OPERATOR_PROBLEMS_] = {NULL, ERR_NONE, NULL},
};

int operator_fail(enum operator_problem problem, struct err *err)
{
    return FAIL_WITH(err, operator_problems[problem].kind, HTTP_NAMED(problem), "%s",
                     operator_problems[problem].meaning);
}

static int check_certificate(const struct http_call *call, const struct operator_access *access,
                             struct err *err)
{
    struct digest shown;

    if (!access->has_certificate)
        return 0;
    if (door_certificate(call, &shown, NULL) < 0 ||
        !bytes_equal(digest_bytes(&shown), digest_bytes(&access->certificate)))
        return operator_fail(OPERATOR_BAD_CERTIFICATE, err);
    return 0;
}

static int check_client(const struct portal *portal, const struct operator_access *access,
                        struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};

    TRY(operator_get(portal_store_db(portal->store), access->consent.client, &client, err));
    return client.state == OPERATOR_APPROVED ? 0 : operator_fail(OPERATOR_NOT_APPROVED, err);
}

int operator_bearer(const struct http_call *call, const char *api, struct operator_access *ret,
                    struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct portal *portal = call->context;
    const char *field = http_header(&call->request, "Authorization");
    struct operator_access access;
    int rc;

    if (field == NULL || strncmp(field, scheme, strlen(scheme)) != 0)
        return operator_fail(OPERATOR_BAD_TOKEN, err);
    rc = operator_token_find(portal_store_db(portal->store), field + strlen(scheme), &access, err);
    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_BAD_TOKEN, err);
    TRY(rc);
    TRY(check_certificate(call, &access, err));
    TRY(check_client(portal, &access, err));
    if (!operator_consent_counts(&access.consent, clock_now(portal->clock)))
        return operator_fail(OPERATOR_CONSENT_OVER, err);
    if (clock_now(portal->clock) >= access.ends_at)
        return operator_fail(OPERATOR_BAD_TOKEN, err);
    if (api != NULL && strcmp(api, access.consent.api) != 0)
        return operator_fail(OPERATOR_NOT_CONSENTED, err);
    *ret = access;
    return 0;
}

static int check(const struct http_call *call, struct err *err)
{
    struct operator_access access;

    return operator_bearer(call, NULL, &access, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct operator_access access;
    struct limiter_answer answer;

    TRY(operator_bearer(call, NULL, &access, err));
    TRY(limiter_take(portal_store_limiter(portal->store), access.consent.client, OPERATOR_RATE,
                     monotonic_us(), &answer, err));
    *ret = (struct http_allowance){.is_there = true,
                                   .is_over = answer.is_over,
                                   .limit = OPERATOR_RATE,
                                   .remaining = answer.remaining,
                                   .wait_s = answer.wait_s};
    return answer.is_over ? FAIL(err, ERR_REMOTE, "more than %d requests a second", OPERATOR_RATE)
                          : 0;
}

const struct http_access operator_with_token = {
    "operator",
    check,
    "With an access token of a consent, Authorization: Bearer TOKEN, and the certificate that it "
    "is bound to.",
    .is_bearer = true,
    .charge = charge,
};
