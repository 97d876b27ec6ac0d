/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the operator of a test system: a municipality has recorded that somebody is a child's parent,
 * as its clerk would at the desk (mandate/routes_municipality.c).
 */
#include "portal/routes.h"

#include "portal/mandate/legal.h"

#include <stdio.h>
#include <string.h>

/* Who acts for whom, by account. */
struct pair {
    char child[PORTAL_ID_SIZE], parent[PORTAL_ID_SIZE];
    bool is_there; /* already */
};

static int find(const struct http_call *call, const char *member, const struct audit_origin *by,
                struct civil_search *search, char ret[PORTAL_ID_SIZE], struct err *err)
{
    const struct portal *portal = call->context;
    const struct json *one;
    struct person_code code;
    const char *birth;

    TRY(json_get_object(call->request.json, member, &one, err));
    TRY(json_get_text(one, "name", &search->name, err));
    TRY(json_get_text(one, "birth_date", &birth, err));
    TRY(err_prefix(err, caldate_parse_iso(birth, &search->birth, err), "birth_date"));
    TRY(mandate_find_resident(portal, search, by, &code, err));
    return mandate_account(portal, search->body, &code, by, ret, err);
}

static int look(void *context, const struct mandate *mandate, struct err *err)
{
    struct pair *pair = context;

    (void)err;
    if (mandate->kind == MANDATE_PARENT && mandate->ended_at == 0 &&
        strcmp(mandate->mandator, pair->child) == 0 && strcmp(mandate->proxy, pair->parent) == 0)
        pair->is_there = true;
    return 0;
}

static int record(const struct portal *portal, const struct pair *pair,
                  const struct mandate_draft *draft, const struct audit_origin *by, struct err *err)
{
    char id[PORTAL_ID_SIZE], code[MANDATE_CODE_SIZE];
    struct mandate_draft own = *draft;

    own.mandator = pair->child;
    own.proxy = pair->parent;
    return mandate_make(portal->store, &own, by, id, code, err);
}

static int post_parent(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(portal->clock), call->request.peer.cred.uid, call->request.trace_id);
    struct mandate_draft draft = {.kind = MANDATE_PARENT, .scopes = MANDATE_SCOPES_};
    struct civil_search child, parent;
    struct pair pair = {.is_there = false};
    char body[CODE_SIZE];

    TRY(json_get_text(call->request.json, "municipality", &draft.municipality, err));
    (void)snprintf(body, sizeof body, "M%s", draft.municipality);
    child.body = parent.body = body;
    TRY(find(call, "child", &by, &child, pair.child, err));
    TRY(find(call, "parent", &by, &parent, pair.parent, err));
    TRY(mandate_list(portal->store, pair.child, by.at, look, &pair, err));
    draft.mandator_name = child.name;
    draft.proxy_name = parent.name;
    draft.ends_at = mandate_child_until(child.birth);
    if (!pair.is_there)
        TRY(record(portal, &pair, &draft, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const struct http_form area_form = {"^[0-9]{5}$", "five digits"};
static const struct http_member person_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as the municipality's register has it"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "of the person", .form = &http_form_date},
    {NULL},
};
static const struct http_member parent_members[] = {
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "where both live", .form = &area_form},
    {"child", HTTP_OBJECT, HTTP_REQUIRED, "under fifteen", person_members},
    {"parent", HTTP_OBJECT, HTTP_REQUIRED, "who acts for the child, in everything", person_members},
    {NULL},
};
static const struct http_answer recorded_answers[] = {{204, "it is recorded, or was before"}, {0}};

const struct route portal_parent_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/provider/parents",
     .access = &audit_operator,
     .body = parent_members,
     .handle = post_parent,
     .operation = "recordParent",
     .summary = "Have a municipality record that somebody is a child's parent",
     .answers = recorded_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
