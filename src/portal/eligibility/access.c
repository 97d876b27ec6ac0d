/* SPDX-License-Identifier: Apache-2.0 */
/* Which terminal asks. */
#include "base/clock.h"
#include "http/limiter.h"
#include "portal/eligibility/clinic.h"
#include "portal/gateway/door.h"
#include "portal/portal.h"

#include <string.h>

/* Elsewhere than at the door, whoever asks could say himself which certificate he has shown. */
static int check_certificate(const struct http_call *call, const struct clinic_key *terminal,
                             struct err *err)
{
    struct digest shown;

    if (!terminal->has_certificate)
        return 0;
    if (call->options->tables != portal_door_routes || door_certificate(call, &shown, NULL) < 0 ||
        !bytes_equal(digest_bytes(&shown), digest_bytes(&terminal->certificate)))
        return FAIL(err, ERR_DENIED,
                    "this terminal has to show its certificate, at the operators' door");
    return 0;
}

/* RFC 6750, 2.1. */
int clinic_terminal(const struct http_call *call, struct clinic_key *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct portal *portal = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a terminal's key is needed: Authorization: Bearer KEY");
    TRY(clinic_key_find(portal_store_db(portal->store), value + strlen(scheme), CLINIC_TERMINAL,
                        ret, err));
    return check_certificate(call, ret, err);
}

struct audit_origin clinic_by(const struct http_call *call, const struct clinic_key *terminal)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "terminal", terminal->id,
                         call->request.trace_id);
}

static int check(const struct http_call *call, struct err *err)
{
    struct clinic_key terminal;

    return clinic_terminal(call, &terminal, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct limiter_answer answer;
    struct clinic_key terminal;

    TRY(clinic_terminal(call, &terminal, err));
    TRY(limiter_take(portal_store_limiter(portal->store), terminal.id, CLINIC_RATE, monotonic_us(),
                     &answer, err));
    *ret = (struct http_allowance){.is_there = true,
                                   .is_over = answer.is_over,
                                   .limit = CLINIC_RATE,
                                   .remaining = answer.remaining,
                                   .wait_s = answer.wait_s};
    if (answer.is_over)
        return FAIL(err, ERR_DENIED, "this terminal asks more than %d times a second", CLINIC_RATE);
    return 0;
}

const struct http_access portal_clinic = {
    "clinic-terminal", check, "With the key of a clinic's terminal: Authorization: Bearer KEY.",
    .is_bearer = true, .charge = charge};
