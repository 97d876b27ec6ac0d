/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/applicant.h"

#include "base/hex.h"
#include "base/random_text.h"
#include "portal/account/access.h"
#include "portal/mandate/mandate.h"
#include "portal/portal.h"

#include <stdio.h>
#include <string.h>

int applicant_of_ticket(const char *ticket, char ret[APPLICATION_OWNER_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest hash;
    const char *digits;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(ticket), &hash, err));
    TRY(hex_append(&hex, digest_bytes(&hash), err));
    TRY(buf_text(&hex, &digits, err));
    (void)snprintf(ret, APPLICATION_OWNER_SIZE, "ticket:%s", digits);
    return 0;
}

/* A session counts before a ticket: false without a cookie of one. */
static int find_session(const struct http_call *call, struct applicant *ret, bool *ret_is_there,
                        struct err *err)
{
    const struct portal *portal = call->context;
    struct session session;
    const char *cookie;

    TRY(http_cookie_get(call, citizen_cookie_name(portal, PORTAL_COOKIE), &cookie, err));
    *ret_is_there = cookie != NULL;
    if (cookie == NULL)
        return 0;
    TRY(citizen_find_within(call, MANDATE_PROCEDURES, &session, err));
    (void)snprintf(ret->owner, sizeof ret->owner, "account:%s", session.account.id);
    memcpy(ret->proxy.mandate, session.mandate, sizeof ret->proxy.mandate);
    if (application_by_proxy(&ret->proxy))
        TRY(mandate_kind_of(portal->store, session.mandate, &ret->proxy.kind, err));
    ret->by = citizen_by(call, &session);
    /* Whoever acts signs with his own card. */
    memcpy(ret->code, session.actor_code, sizeof ret->code);
    ret->has_code = session.actor_has_code;
    return 0;
}

static struct audit_origin by_ticket(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "", "ticket", call->request.trace_id);
}

int applicant_find(const struct http_call *call, struct applicant *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_header(&call->request, "Authorization");
    bool has_session;

    ret->proxy = (struct application_proxy){.mandate = ""};
    TRY(find_session(call, ret, &has_session, err));
    if (has_session)
        return 0;
    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "log in, or show the ticket that you got when you began");
    ret->by = by_ticket(call);
    ret->has_code = false;
    return applicant_of_ticket(value + strlen(scheme), ret->owner, err);
}

int applicant_begin(struct http_call *call, struct applicant *ret, char ret_ticket[TICKET_SIZE],
                    struct err *err)
{
    bool has_session;

    ret->proxy = (struct application_proxy){.mandate = ""};
    ret_ticket[0] = '\0';
    TRY(find_session(call, ret, &has_session, err));
    if (has_session)
        return citizen_charge(call, MANDATE_PROCEDURES, err);
    ret->by = by_ticket(call);
    ret->has_code = false;
    TRY(random_text(ret_ticket, TICKET_SIZE, err));
    return applicant_of_ticket(ret_ticket, ret->owner, err);
}

static int check(const struct http_call *call, struct err *err)
{
    struct applicant applicant;

    return applicant_find(call, &applicant, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    struct applicant applicant;
    bool has_session;

    (void)ret;
    TRY(find_session(call, &applicant, &has_session, err));
    return has_session ? citizen_charge(call, MANDATE_PROCEDURES, err) : 0;
}

const struct http_access portal_applicant = {
    "applicant",
    check,
    "With the session of somebody who has logged in (changes need its X-CSRF-Token), or with the "
    "ticket of an application: Authorization: Bearer TICKET.",
    .is_bearer = true,
    .cookie = PORTAL_COOKIE,
    .charge = charge};
