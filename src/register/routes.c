/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what, and the routes that belong to no subject of their own. */
#include "register/routes.h"

#include "audit/words.h"
#include "base/hex.h"
#include "crypto/mac.h"
#include "http/cookie.h"
#include "http/metrics.h"
#include "register/authority_client.h"
#include "register/desk.h"
#include "register/personal.h"
#include "register/refusal.h"

#include <stdio.h>
#include <string.h>

int register_ready(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    TRY(register_store_ping(counter->store, err));
    if (counter->personal != NULL)
        TRY(personal_ping(counter->personal, err));
    return authority_ping(counter->authority, err);
}

static bool is_at_door(const struct http_call *call)
{
    return call->options != NULL && call->options->tables == register_door_routes;
}

uid_t register_peer(const struct http_call *call)
{
    return is_at_door(call) ? BROWSER_UID : call->request.peer.cred.uid;
}

/* The programs of clerks, by the user id that they run under; who sits there is not known yet. */
static int program(const struct http_call *call, struct err *err)
{
    return is_at_door(call) ? 0 : http_listed_peer.check(call, err);
}

/* "Bearer TOKEN" (RFC 6750, 2.1); NULL if the field is not there or of another kind. */
static const char *bearer_of(const struct http_call *call)
{
    static const char scheme[] = "Bearer ";
    const char *field = http_header(&call->request, "Authorization");

    if (field == NULL || strncmp(field, scheme, sizeof scheme - 1) != 0)
        return NULL;
    return field + sizeof scheme - 1;
}

const char *register_cookie_name(const struct counter *counter)
{
    const char *origin = counter->desk->door_origin;
    const bool is_secure = origin != NULL && strncmp(origin, "https:", strlen("https:")) == 0;

    return is_secure ? DOOR_COOKIE : &DOOR_COOKIE[strlen("__Host-")];
}

int register_csrf(const char *token, char ret[REGISTER_CSRF_SIZE], struct err *err)
{
    const struct bytes pieces[] = {bytes_text("OpenJPKI counter csrf v1"), {NULL, 0}};
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *text;

    TRY(mac_salted(bytes_text(token), pieces, &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &text, err));
    (void)snprintf(ret, REGISTER_CSRF_SIZE, "%s", text);
    return 0;
}

/* A browser sends its cookie with whatever any page has it ask: a change shows more. */
int register_token(const struct http_call *call, const char **ret, struct err *err)
{
    char csrf[REGISTER_CSRF_SIZE];

    if (!is_at_door(call)) {
        *ret = bearer_of(call);
        return 0;
    }
    TRY(http_cookie_get(call, register_cookie_name(call->context), ret, err));
    if (*ret == NULL)
        return 0;
    TRY(register_csrf(*ret, csrf, err));
    return http_csrf_check(call, csrf, err);
}

int register_check_desk(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter == NULL || counter->desk == NULL)
        return FAIL(err, ERR_DENIED, "this register has no clerk_anchors: nobody can log in");
    return 0;
}

int register_session(const struct http_call *call, struct session *ret, struct err *err)
{
    const struct counter *counter = call->context;
    const char *token = NULL;

    TRY(register_check_desk(call, err));
    TRY(register_token(call, &token, err));
    if (token == NULL)
        return refuse(err, REFUSED_NO_SESSION);
    return sessions_find(counter->desk->sessions, token, register_peer(call),
                         clock_now(counter->clock), ret, err);
}

static int find_session_clerk(const struct http_call *call, struct clerk *ret, struct err *err)
{
    const struct counter *counter = call->context;
    struct session session;

    TRY(program(call, err));
    TRY(register_session(call, &session, err));
    TRY(register_get_clerk(counter->store, session.clerk, ret, err));
    return ret->is_blocked ? refuse(err, REFUSED_BLOCKED) : 0;
}

static int clerk(const struct http_call *call, struct err *err)
{
    struct clerk clerk;

    return find_session_clerk(call, &clerk, err);
}

static int administrator(const struct http_call *call, struct err *err)
{
    struct clerk clerk;

    TRY(find_session_clerk(call, &clerk, err));
    return (clerk.roles & CLERK_ROLE_BIT(ROLE_ADMINISTRATOR)) != 0 ? 0 : refuse(err, REFUSED_ROLE);
}

/* No server has these rows: whoever gets here has come through a filing. */
static int signed_by_clerk(const struct http_call *call, struct err *err)
{
    (void)call;
    return FAIL(err, ERR_USAGE, "an order is no route");
}

static int operator(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter != NULL && http_peer_is_in(call, counter->operators.uids, counter->operators.count))
        return 0;
    return http_listed_peer.check(call, err);
}

const struct http_access register_program = {
    "program", program, "Served on a Unix socket, to the user ids listed as peers."};
const struct http_access register_clerk = {
    "clerk", clerk,
    "Served on a Unix socket, to the user ids listed as peers, for a clerk who is logged in.",
    .is_bearer = true, .cookie = DOOR_COOKIE};
const struct http_access register_administrator = {
    "administrator", administrator,
    "Served on a Unix socket, to the user ids listed as peers, for a clerk who is logged in and "
    "administers clerks.",
    .is_bearer = true, .cookie = DOOR_COOKIE};
const struct http_access register_signed = {
    "signed", signed_by_clerk,
    "No route: signed by a clerk who has a role for it, and sent in POST /v1/filings."};
static const struct http_access register_operator = {
    "program or operator", operator,
    "Served on a Unix socket, to the user ids listed as peers or operators." };

static int witness(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter != NULL && audit_witness_asks(call, counter->keeper))
        return 0;
    return register_operator.check(call, err);
}

static const struct http_access register_witness = {"witness-or-operator", witness,
                                                    AUDIT_WITNESS_MEANING};

static int get_audit(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    return audit_answer_list(call, register_store_db(counter->store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    return audit_answer_tree(call, register_store_db(counter->store), err);
}

static int on_checkpoint(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    return audit_answer_checkpoint(call, counter->keeper, err);
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
     .path = "/metrics",
     .access = &http_anyone,
     .handle = metrics_reply,
     .operation = "getMetrics",
     .summary = "Read how often which fault was met",
     .answers = metrics_answers},
    AUDIT_ROUTES(&register_operator, &register_witness, get_audit, get_audit_tree, on_checkpoint),
    {.path = NULL},
};

const struct route *const register_routes[] = {
    register_resident_routes, register_card_routes,    register_login_routes,
    register_filing_routes,   register_clerk_routes,   register_code_routes,
    register_search_routes,   register_extract_routes, register_relocation_routes,
    register_loss_routes,     service_routes,          NULL,
};

const struct http_about register_door_about = {
    "counter", "OpenJPKI counter",
    "The counter of a municipality for clerks' browsers: pages, and what these ask."};

const struct route *const register_door_routes[] = {
    register_page_routes, register_login_routes,  register_resident_routes,
    register_card_routes, register_filing_routes, register_search_routes,
    register_loss_routes, register_clerk_routes,  NULL,
};

const struct http_about register_orders_about = {
    "register-orders", "OpenJPKI register: what clerks sign",
    "No routes: path and body of what a clerk signs and sends in POST /v1/filings."};

const struct route *const register_orders[] = {
    register_resident_orders, register_act_orders,
    register_card_orders,     register_certificate_orders,
    register_personal_orders, register_filing_orders,
    register_clerk_orders,    NULL,
};
