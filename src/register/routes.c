/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what, and the routes that belong to no subject of their own. */
#include "register/routes.h"

#include "audit/words.h"
#include "register/authority_client.h"
#include "register/personal.h"

int register_ready(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    TRY(register_store_ping(counter->store, err));
    if (counter->personal != NULL)
        TRY(personal_ping(counter->personal, err));
    return authority_ping(counter->authority, err);
}

struct audit_origin register_caller(const struct http_call *call)
{
    const struct counter *counter = call->context;

    return audit_by_uid(clock_now(counter->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

/* Everything a clerk may do is decided here: by the user id of the program that asks. */
static int clerk(const struct http_call *call, struct err *err)
{
    return http_listed_peer.check(call, err);
}

static int operator(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter != NULL && http_peer_is_in(call, counter->operators.uids, counter->operators.count))
        return 0;
    return http_listed_peer.check(call, err);
}

const struct http_access register_clerk = {
    "clerk", clerk, "Served on a Unix socket, to the user ids listed as peers."};
static const struct http_access register_operator = {
    "clerk or operator", operator,
    "Served on a Unix socket, to the user ids listed as peers or operators." };

static int get_audit(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    struct json *body;

    TRY(register_list_audit(counter->store, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_tree_query query = {.size = http_query(&call->request, "size"),
                                           .record = http_query(&call->request, "record"),
                                           .since = http_query(&call->request, "since")};
    struct json *body;

    TRY(register_audit_tree(counter->store, &query, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

const struct http_about register_about = {"register", "OpenJPKI register",
                                          "The counter of a municipality, for clerks' programs: "
                                          "residents, cards, and what happens to them."};

const struct http_form register_municipality_form = {"^[0-9]{5}$", "five digits"};
const struct http_form register_flags_form = {"^[01]*$", "one digit 0 or 1 per character"};
const struct http_form register_serial_form = {"^[A-Za-z0-9-]{1,16}$",
                                               "1 to 16 letters, digits and hyphens"};
const char *const register_sexes[] = {"male", "female", "unknown", NULL};

static const struct route service_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &register_operator,
     .query = audit_query,
     .handle = get_audit,
     .operation = "listAudit",
     .summary = "Read the audit log behind a number",
     .answers = audit_answers,
     .fails = AUDIT_FAILS},
    {.method = HTTP_GET,
     .path = "/v1/audit/tree",
     .access = &register_operator,
     .query = audit_tree_query,
     .handle = get_audit_tree,
     .operation = "getAuditTree",
     .summary = "Have records of the audit log proven",
     .answers = audit_tree_answers,
     .fails = AUDIT_FAILS},
    {.path = NULL},
};

const struct route *const register_routes[] = {
    register_resident_routes,
    register_act_routes,
    register_card_routes,
    register_certificate_routes,
    register_personal_routes,
    service_routes,
    NULL,
};
