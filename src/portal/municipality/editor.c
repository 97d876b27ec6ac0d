/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The procedure editor (portal.md, S357): a municipality says how it offers a text of all, or keeps
 * one of its own with a form and offers that. It sees and changes what is its own.
 */
#include "portal/routes.h"

#include "portal/application/form.h"
#include "portal/municipality/key.h"

#include <string.h>

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

static int list_texts(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct json *list;

    TRY(municipality_bearer(call, &key, err));
    TRY(procedure_list_texts(db_of(call), key.municipality, &list, err));
    TRY(json_put(body, "texts", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_text(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct procedure_text text = {.code = http_param(&call->request, "code"),
                                  .place = PROCEDURE_OWN_PLACE};
    struct audit_origin by;
    int64_t id;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    text.owner = key.municipality;
    TRY(json_get_object(json, "content", &text.content, err));
    if (json_has(json, "form"))
        TRY(json_get_object(json, "form", &text.form, err));
    TRY(procedure_put_text(db_of(call), &text, &by, &id, err));
    TRY(json_put_int(body, "text", id, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_optional(const struct json *json, const char *key, const char **ret, struct err *err)
{
    *ret = "";
    return json_has(json, key) ? json_get_text(json, key, ret, err) : 0;
}

static int get_time(const struct json *json, const char *key, int64_t *ret, struct err *err)
{
    return json_has(json, key) ? json_get_int(json, key, ret, err) : 0;
}

static int put_offering(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct procedure_offering offering = {.open_from = 0};
    struct municipality_key key;
    struct audit_origin by;
    char psid[PSID_SIZE];

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    offering.municipality = key.municipality;
    TRY(json_get_int(json, "text", &offering.text, err));
    TRY(json_get_bool(json, "is_online", &offering.is_online, err));
    TRY(get_optional(json, "from", &offering.from, err));
    TRY(get_optional(json, "until", &offering.until, err));
    TRY(get_time(json, "open_from", &offering.open_from, err));
    TRY(get_time(json, "open_until", &offering.open_until, err));
    TRY(json_get_text(json, "department", &offering.department, err));
    if (json_has(json, "department_en"))
        TRY(json_get_text(json, "department_en", &offering.department_en, err));
    TRY(json_get_object(json, "contact", &offering.contact, err));
    TRY(procedure_offer(db_of(call), &offering, &by, psid, err));
    TRY(json_put_text(body, "psid", psid, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_offering(struct http_call *call, struct err *err)
{
    struct municipality_key key;
    struct audit_origin by;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    TRY(procedure_withdraw(db_of(call), key.municipality, http_param(&call->request, "psid"), &by,
                           err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_member text_row_members[] = {
    {"text", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its official name"},
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"is_own", HTTP_BOOL, HTTP_REQUIRED, "whether it is the municipality's own"},
    {"has_form", HTTP_BOOL, HTTP_REQUIRED, "whether it may be offered online"},
    {"psid", HTTP_TEXT, HTTP_OPTIONAL, "under which it is offered; missing: it is not"},
    {NULL},
};
static const struct http_member texts_members[] = {
    {"texts", HTTP_ARRAY, HTTP_REQUIRED, "those of all, then its own", text_row_members}, {NULL}};
static const struct http_answer texts_answers[] = {
    {200, "what the municipality may offer", texts_members}, {0}};
static const struct http_member text_members[] = {
    {"content", HTTP_OBJECT, HTTP_REQUIRED, "what is said of it", procedure_content_members},
    {"form", HTTP_OBJECT, HTTP_OPTIONAL, "to apply with; missing: that is not done here",
     form_members},
    {NULL},
};
static const struct http_member made_members[] = {
    {"text", HTTP_INT, HTTP_REQUIRED, "its number, to offer it by"}, {NULL}};
static const struct http_answer made_answers[] = {{200, "it is kept", made_members}, {0}};
static const struct http_member offering_members[] = {
    {"text", HTTP_INT, HTTP_REQUIRED, "a text of all, or its own"},
    {"is_online", HTTP_BOOL, HTTP_REQUIRED, "whether it may be applied for here"},
    {"from", HTTP_TEXT, HTTP_OPTIONAL, "the first day to apply", .form = &http_form_date},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "the last day to apply", .form = &http_form_date},
    {"open_from", HTTP_INT, HTTP_OPTIONAL, "the first second it is shown, UTC"},
    {"open_until", HTTP_INT, HTTP_OPTIONAL, "the last one"},
    {"department", HTTP_TEXT, HTTP_REQUIRED, "who is in charge of it"},
    {"department_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"contact", HTTP_OBJECT, HTTP_REQUIRED, "whom to ask", procedure_contact_members},
    {NULL},
};
static const struct http_member offered_members[] = {{"psid", HTTP_TEXT, HTTP_REQUIRED, "its id"},
                                                     {NULL}};
static const struct http_answer offered_answers[] = {{200, "it is offered", offered_members}, {0}};
static const struct http_answer withdrawn_answers[] = {{204, "it is not offered any more"}, {0}};

const struct route portal_editor_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/municipality/texts",
     .access = &portal_editor,
     .handle = list_texts,
     .operation = "listTexts",
     .summary = "List the texts that the municipality may offer",
     .answers = texts_answers},
    {.method = HTTP_PUT,
     .path = "/v1/municipality/texts/:code",
     .access = &portal_editor,
     .body = text_members,
     .handle = put_text,
     .operation = "putText",
     .summary = "Keep a text of the municipality's own, or another version of it",
     .answers = made_answers,
     .body_max = 4 * PROCEDURE_CONTENT_MAX},
    {.method = HTTP_PUT,
     .path = "/v1/municipality/offerings",
     .access = &portal_editor,
     .body = offering_members,
     .handle = put_offering,
     .operation = "putOffering",
     .summary = "Offer a text, or change how it is offered",
     .answers = offered_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/municipality/offerings/:psid",
     .access = &portal_editor,
     .handle = delete_offering,
     .operation = "deleteOffering",
     .summary = "Stop offering a procedure",
     .answers = withdrawn_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
