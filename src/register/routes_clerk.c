/* SPDX-License-Identifier: Apache-2.0 */
/* Clerks in JSON: for administrators, who add them, give and take roles, block, and bind cards. */
#include "register/routes.h"

#include "register/application.h"
#include "register/filing.h"
#include "register/refusal.h"

#include <string.h>

static int put_clerk(struct json *body, const struct clerk *clerk, struct err *err)
{
    TRY(json_put_text(body, "id", clerk->id, err));
    TRY(json_put_text(body, "name", clerk->name, err));
    TRY(json_put_text(body, "municipality", clerk->municipality, err));
    TRY(json_put_text(body, "window", clerk->window, err));
    TRY(json_put_bool(body, "blocked", clerk->is_blocked, err));
    TRY(json_put_text(body, "issuer", clerk->card.issuer, err));
    TRY(json_put_int(body, "serial", clerk->card.serial, err));
    return register_put_roles(body, clerk->roles, err);
}

static int clerk_reply(struct http_call *call, unsigned status, const char *id, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct clerk clerk;

    TRY(register_get_clerk(counter->store, id, &clerk, err));
    TRY(put_clerk(body, &clerk, err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
}

static int read_roles(const struct json *json, unsigned *ret, struct err *err)
{
    const struct json *names;

    TRY(json_get_array(json, "roles", &names, err));
    *ret = 0;
    for (size_t i = 0; i < json_count(names); i++) {
        const char *name = json_text(json_at(names, i));
        enum clerk_role role;

        TRY(clerk_role_parse(name == NULL ? "" : name, &role, err));
        *ret |= CLERK_ROLE_BIT(role);
    }
    return 0;
}

static int read_application(const struct http_call *call, struct application *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct application_text from;

    TRY(json_get_base64(call->request.json, "application", &text, err));
    TRY(json_get_base64(call->request.json, "signature", &signature, err));
    from = (struct application_text){buf_bytes(&text), buf_bytes(&signature)};
    TRY(application_read(call->context, &from, ret, err));
    return clerk_covers(register_order(call)->counter, ret->clerk.municipality)
               ? 0
               : refuse(err, REFUSED_PLACE);
}

/* Sent again after a crash: this very card is a clerk of that name already. */
static bool is_added(const struct counter *counter, const struct clerk *wanted, struct clerk *ret)
{
    return register_find_clerk(counter->store, wanted->card.auth, ret, NULL) == 0 &&
           ret->roles == wanted->roles && strcmp(ret->name, wanted->name) == 0 &&
           bytes_equal(BYTES_ARRAY(ret->card.sign), BYTES_ARRAY(wanted->card.sign));
}

static int post_clerk(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = register_caller(call);
    struct application application;
    struct clerk known;

    TRY(read_application(call, &application, err));
    TRY(read_roles(call->request.json, &application.clerk.roles, err));
    if (is_added(counter, &application.clerk, &known))
        return clerk_reply(call, 201, known.id, err);
    TRY(register_add_clerk(counter->store, &application.clerk, &by, err));
    return clerk_reply(call, 201, application.clerk.id, err);
}

static int post_roles(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = register_caller(call);
    const char *id = http_param(&call->request, "id");
    unsigned roles;

    TRY(read_roles(call->request.json, &roles, err));
    TRY(register_set_roles(counter->store, id, roles, &by, err));
    return clerk_reply(call, 201, id, err);
}

/* What a blocked clerk has begun at other counters ends at once. */
static int post_block(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = register_caller(call);
    const char *id = http_param(&call->request, "id");
    bool is_blocked;

    TRY(json_get_bool(call->request.json, "blocked", &is_blocked, err));
    TRY(register_block_clerk(counter->store, id, is_blocked, &by, err));
    if (is_blocked)
        sessions_close_of(counter->desk->sessions, id);
    return clerk_reply(call, 201, id, err);
}

static int post_card(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = register_caller(call);
    const char *id = http_param(&call->request, "id");
    struct application application;

    TRY(read_application(call, &application, err));
    TRY(register_bind_card(counter->store, id, &application.clerk.card, &by, err));
    sessions_close_of(counter->desk->sessions, id);
    return clerk_reply(call, 201, id, err);
}

static int get_clerks(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct clerk clerk = {.id = ""};
    struct session session;
    int rc;

    TRY(register_session(call, &session, err));
    while ((rc = register_next_clerk(counter->store, clerk.id, &clerk, err)) != -ERR_ABSENT) {
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(rc);
        if (!clerk_covers(session.counter, clerk.municipality))
            continue;
        TRY(put_clerk(entry, &clerk, err));
        TRY(json_add(list, json_steal(&entry), err));
    }
    TRY(json_put(body, "clerks", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int add_step(struct json *steps, const struct clerk_step *step, struct err *err)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();
    char time[CALTIME_TEXT_SIZE];

    caltime_format(step->at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(entry, "at", time, err));
    TRY(json_put_text(entry, "what", step->what, err));
    TRY(json_put_text(entry, "detail", step->detail, err));
    TRY(json_put_text(entry, "actor", step->actor, err));
    return json_add(steps, json_steal(&entry), err);
}

static int get_history(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *steps = json_array_new();
    struct session session;
    struct clerk_step step;
    struct clerk clerk;
    int rc;

    TRY(register_session(call, &session, err));
    TRY(register_get_clerk(counter->store, http_param(&call->request, "id"), &clerk, err));
    if (!clerk_covers(session.counter, clerk.municipality))
        return refuse(err, REFUSED_PLACE);
    for (unsigned i = 0;
         (rc = register_get_clerk_step(counter->store, clerk.id, i, &step, err)) != -ERR_ABSENT;
         i++) {
        TRY(rc);
        TRY(add_step(steps, &step, err));
    }
    TRY(json_put(body, "steps", json_steal(&steps), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form issuer_form = {"^[0-9a-f]{40}$", "40 hexadecimal digits"};

#define APPLICATION_MEMBERS                                                                        \
    {"application", HTTP_TEXT, HTTP_REQUIRED, "what the clerk's card signed: jpki-registerd(8)",   \
     .form = &http_form_base64},                                                                   \
    {                                                                                              \
        "signature", HTTP_TEXT, HTTP_REQUIRED, "CMS by its sign key, detached",                    \
            .form = &http_form_base64                                                              \
    }
#define ROLES_MEMBER(meaning_)                                                                     \
    {                                                                                              \
        "roles", HTTP_ARRAY, HTTP_REQUIRED, (meaning_), .values = clerk_role_names                 \
    }
static const struct http_member add_members[] = {
    APPLICATION_MEMBERS, ROLES_MEMBER("what the clerk may do"), {NULL}};
static const struct http_member card_members[] = {APPLICATION_MEMBERS, {NULL}};
static const struct http_member roles_members[] = {ROLES_MEMBER("all the clerk has from now on"),
                                                   {NULL}};
static const struct http_member block_members[] = {
    {"blocked", HTTP_BOOL, HTTP_REQUIRED, "whether the clerk is kept from everything"},
    {NULL},
};
static const struct http_member clerk_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the clerk's name here", .form = &register_id_form},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as people call the clerk"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "its code; 00000: all of them",
     .form = &register_municipality_form},
    {"window", HTTP_TEXT, HTTP_REQUIRED, "of the only counter; empty: any"},
    {"blocked", HTTP_BOOL, HTTP_REQUIRED, "whether the clerk is kept from everything"},
    {"issuer", HTTP_TEXT, HTTP_REQUIRED, "key identifier of the card's sign CA",
     .form = &issuer_form},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of its sign certificate"},
    ROLES_MEMBER("what the clerk may do now"),
    {NULL},
};
static const struct http_answer clerk_answers[] = {{201, "the clerk as it is now", clerk_members},
                                                   {0}};
static const struct http_member list_members[] = {
    {"clerks", HTTP_ARRAY, HTTP_REQUIRED, "those of this counter's municipality", clerk_members},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "the clerks", list_members}, {0}};
static const struct http_member step_members[] = {
    {"at", HTTP_TEXT, HTTP_REQUIRED, "when", .form = &http_form_time},
    {"what", HTTP_TEXT, HTTP_REQUIRED, "what happened"},
    {"detail", HTTP_TEXT, HTTP_REQUIRED, "which role, if one was given or taken"},
    {"actor", HTTP_TEXT, HTTP_REQUIRED, "who did it, as in the audit log"},
    {NULL},
};
static const struct http_member history_members[] = {
    {"steps", HTTP_ARRAY, HTTP_REQUIRED, "in the order they happened", step_members},
    {NULL},
};
static const struct http_answer history_answers[] = {{200, "the history", history_members}, {0}};

const struct route register_clerk_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/clerks",
     .access = &register_administrator,
     .handle = get_clerks,
     .operation = "listClerks",
     .summary = "List the clerks",
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = "/v1/clerks/:id/history",
     .access = &register_administrator,
     .handle = get_history,
     .operation = "getClerkHistory",
     .summary = "Read what happened to a clerk",
     .answers = history_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

#define ADMINISTRATION(path_, members_, handle_, operation_, summary_)                             \
    {                                                                                              \
        .method = HTTP_POST, .path = (path_), .access = &register_signed, .body = (members_),      \
        .handle = (handle_), .operation = (operation_), .summary = (summary_),                     \
        .answers = clerk_answers,                                                                  \
        .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |         \
                 HTTP_FAIL(ERR_UNTRUSTED)                                                          \
    }

const struct route register_clerk_orders[] = {
    ADMINISTRATION("/v1/clerks", add_members, post_clerk, "addClerk", "Add a clerk"),
    ADMINISTRATION("/v1/clerks/:id/roles", roles_members, post_roles, "setClerkRoles",
                   "Give and take roles"),
    ADMINISTRATION("/v1/clerks/:id/block", block_members, post_block, "blockClerk",
                   "Block a clerk, or no longer"),
    ADMINISTRATION("/v1/clerks/:id/card", card_members, post_card, "bindClerkCard",
                   "Know a clerk by another card"),
    {.path = NULL},
};
