/* SPDX-License-Identifier: Apache-2.0 */
/* Mandates for people: giving one, taking one, seeing and ending those on either side. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/mandate/shown.h"
#include "portal/mandate/term.h"

#include <string.h>

/* A list on its way to whose it is. */
struct listing {
    struct json *list;
    const char *account;
    int64_t now;
};

static const char *const states[] = {"offered", "active", "over", NULL};

static const char *state_of(const struct mandate *mandate, int64_t now)
{
    if (mandate->ended_at != 0 || mandate->ends_at <= now)
        return states[2];
    if (mandate->begun_at != 0)
        return states[1];
    return now - mandate->made_at < MANDATE_CODE_SECONDS ? states[0] : states[2];
}

static int add(void *context, const struct mandate *mandate, struct err *err)
{
    const struct listing *listing = context;
    CLEANUP(json_freep) struct json *item = json_object_new();
    const bool is_mandator = strcmp(mandate->mandator, listing->account) == 0;

    TRY(mandate_put(item, mandate, err));
    TRY(json_put_text(item, "state", state_of(mandate, listing->now), err));
    TRY(json_put_text(item, "side", mandate_sides[is_mandator ? 0 : 1], err));
    TRY(json_put_text(item, "other", is_mandator ? mandate->proxy_name : mandate->mandator_name,
                      err));
    return json_add(listing->list, json_steal(&item), err);
}

static int list_mandates(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct listing listing = {.list = list, .now = clock_now(portal->clock)};
    struct session own;

    TRY(citizen_find(call, &own, err));
    listing.account = own.account.id;
    TRY(mandate_list(portal->store, own.account.id, listing.now, add, &listing, err));
    TRY(json_put(body, "mandates", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int read_draft(const struct json *json, int64_t now, struct mandate_draft *ret,
                      struct err *err)
{
    const struct json *scopes;

    TRY(json_get_array(json, "scopes", &scopes, err));
    TRY(mandate_scopes_read(scopes, &ret->scopes, err));
    TRY(json_get_text(json, "own_name", &ret->mandator_name, err));
    TRY(json_get_text(json, "proxy_name", &ret->proxy_name, err));
    return mandate_read_end(json, now, &ret->ends_at, err);
}

/* With what the register knows the mandator by: his proxy's own login says nothing of him. */
static int post_mandate(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf reference = BUF_INIT;
    struct mandate_draft draft = {.kind = MANDATE_GIVEN};
    char id[PORTAL_ID_SIZE], code[MANDATE_CODE_SIZE];
    struct audit_origin by;
    struct session own;
    int rc;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(read_draft(call->request.json, by.at, &draft, err));
    draft.mandator = own.account.id;
    rc = portal_get_person_reference(portal->store, &own, &reference, err);
    if (rc == 0)
        TRY(buf_text(&reference, &draft.reference, err));
    else if (rc != -ERR_ABSENT)
        return rc;
    TRY(mandate_make(portal->store, &draft, &by, id, code, err));
    TRY(json_put_text(body, "id", id, err));
    TRY(json_put_text(body, "code", code, err));
    TRY(json_put_int(body, "code_until", by.at + MANDATE_CODE_SECONDS, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_taking(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    char id[PORTAL_ID_SIZE];
    struct audit_origin by;
    struct session own;
    const char *code;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_text(call->request.json, "code", &code, err));
    TRY(mandate_take(portal->store, code, own.account.id, &by, id, err));
    TRY(json_put_text(body, "id", id, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_mandate(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct mandate_ender ender = {.municipality = NULL};
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    ender.account = own.account.id;
    TRY(mandate_end(portal->store, http_param(&call->request, "id"), &ender, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const struct http_form code_form = {"^[A-Za-z2-9 -]{12,20}$",
                                           "12 letters and digits, in groups as one likes"};
static const struct http_member listed_members[] = {
    MANDATE_MEMBERS,
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it counts", .values = states},
    {"side", HTTP_TEXT, HTTP_REQUIRED, "on which side of it one is", .values = mandate_sides},
    {"other", HTTP_TEXT, HTTP_REQUIRED, "what the other one is called here"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"mandates", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", listed_members}, {NULL}};
static const struct http_answer list_answers[] = {{200, "those on either side", list_members}, {0}};
static const struct http_member draft_members[] = {
    {"scopes", HTTP_ARRAY, HTTP_REQUIRED, "what it is for", .values = mandate_scopes},
    {"until", HTTP_TEXT, HTTP_REQUIRED, "the last day", .form = &http_form_date},
    {"own_name", HTTP_TEXT, HTTP_REQUIRED, "what the proxy reads of who gives it",
     .form = &mandate_name_form},
    {"proxy_name", HTTP_TEXT, HTTP_REQUIRED, "what oneself reads of the proxy",
     .form = &mandate_name_form},
    {NULL},
};
static const struct http_member made_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "for the other one, told this once", .form = &code_form},
    {"code_until", HTTP_INT, HTTP_REQUIRED, "from when on nobody can take it, UTC seconds"},
    {NULL},
};
static const struct http_answer made_answers[] = {{201, "it waits for the proxy", made_members},
                                                  {0}};
static const struct http_member code_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what the mandator told", .form = &code_form}, {NULL}};
static const struct http_member taken_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form}, {NULL}};
static const struct http_answer taken_answers[] = {{200, "it counts from now on", taken_members},
                                                   {0}};
static const struct http_answer ended_answers[] = {{204, "it is over"}, {0}};

const struct route portal_mandate_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/mandates",
     .access = &portal_citizen,
     .handle = list_mandates,
     .operation = "listMandates",
     .summary = "List who acts for oneself, and for whom one acts",
     .answers = list_answers},
    {.method = HTTP_POST,
     .path = "/v1/mandates",
     .access = &portal_citizen,
     .body = draft_members,
     .handle = post_mandate,
     .operation = "giveMandate",
     .summary = "Let somebody act for oneself: whoever brings the code",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/mandates/taking",
     .access = &portal_citizen,
     .body = code_members,
     .handle = post_taking,
     .operation = "takeMandate",
     .summary = "Be the proxy, by a code",
     .answers = taken_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/mandates/:id",
     .access = &portal_citizen,
     .handle = delete_mandate,
     .operation = "endMandate",
     .summary = "End one, on whichever side of it one is",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
