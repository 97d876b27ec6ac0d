/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts of a municipality's own texts, for its editors (draft.h). */
#include "portal/routes.h"

#include "portal/application/form.h"
#include "portal/municipality/draft.h"
#include "portal/municipality/key.h"

#include <stdlib.h>

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

static int list_drafts(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct json *list;

    TRY(municipality_bearer(call, &key, err));
    TRY(text_draft_list(db_of(call), key.municipality, &list, err));
    TRY(json_put(body, "drafts", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_draft(struct http_call *call, struct err *err)
{
    const char *version = http_query(&call->request, "version");
    struct municipality_key key;
    struct json *body;

    TRY(municipality_bearer(call, &key, err));
    TRY(text_draft_get(db_of(call), key.municipality, http_param(&call->request, "code"),
                       version == NULL ? 0 : strtoll(version, NULL, 10), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int put_draft(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct text_draft draft = {.code = http_param(&call->request, "code")};
    struct audit_origin by;
    int64_t version;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    draft.municipality = key.municipality;
    draft.by_whom = key.name;
    TRY(json_get_int(json, "based_on", &draft.based_on, err));
    TRY(json_get_object(json, "content", &draft.content, err));
    if (json_has(json, "form"))
        TRY(json_get_object(json, "form", &draft.form, err));
    TRY(text_draft_save(db_of(call), &draft, &by, &version, err));
    TRY(json_put_int(body, "version", version, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_publication(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct audit_origin by;
    struct text_name name = {.municipality = key.municipality,
                             .code = http_param(&call->request, "code")};
    int64_t text;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    TRY(json_get_int(call->request.json, "version", &name.version, err));
    TRY(text_draft_publish(db_of(call), &name, &by, &text, err));
    TRY(json_put_int(body, "text", text, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form version_form = {"^[0-9]{1,9}$", "up to nine digits"};
static const struct http_member draft_row_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its official name"},
    {"version", HTTP_INT, HTTP_REQUIRED, "the newest one"},
    {"saved_at", HTTP_INT, HTTP_REQUIRED, "when that was saved"},
    {"published", HTTP_INT, HTTP_REQUIRED, "the one that was published last; 0: none was"},
    {NULL},
};
static const struct http_member drafts_members[] = {
    {"drafts", HTTP_ARRAY, HTTP_REQUIRED, "the municipality's own", draft_row_members}, {NULL}};
static const struct http_answer drafts_answers[] = {{200, "the drafts", drafts_members}, {0}};
static const struct http_member version_query[] = {
    {"version", HTTP_TEXT, HTTP_OPTIONAL, "that one; missing: the newest", .form = &version_form},
    {NULL},
};
static const struct http_member version_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "the official name in it"},
    {"saved_at", HTTP_INT, HTTP_REQUIRED, "when it was saved"},
    {"saved_by", HTTP_TEXT, HTTP_REQUIRED, "by whom"},
    {"published_at", HTTP_INT, HTTP_REQUIRED, "when it was published last; 0: never"},
    {NULL},
};
static const struct http_member draft_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"content", HTTP_OBJECT, HTTP_REQUIRED, "what is said", procedure_content_members},
    {"form", HTTP_OBJECT, HTTP_OPTIONAL, "to apply with", form_members},
    {"versions", HTTP_ARRAY, HTTP_REQUIRED, "all that are kept, the newest first", version_members},
    {NULL},
};
static const struct http_answer draft_answers[] = {{200, "the draft", draft_members}, {0}};
static const struct http_member save_members[] = {
    {"based_on", HTTP_INT, HTTP_REQUIRED, "the version that was changed; 0: it is new"},
    {"content", HTTP_OBJECT, HTTP_REQUIRED, "what is said", procedure_content_members},
    {"form", HTTP_OBJECT, HTTP_OPTIONAL, "to apply with; missing: that is not done here",
     form_members},
    {NULL},
};
static const struct http_member saved_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "its number"}, {NULL}};
static const struct http_answer saved_answers[] = {{200, "it is kept", saved_members}, {0}};
static const struct http_member published_members[] = {
    {"text", HTTP_INT, HTTP_REQUIRED, "its number, to offer it by"}, {NULL}};
static const struct http_answer published_answers[] = {
    {200, "it is the municipality's text", published_members}, {0}};

const struct route portal_draft_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/municipality/drafts",
     .access = &portal_editor,
     .handle = list_drafts,
     .operation = "listDrafts",
     .summary = "List drafts of the municipality's own texts",
     .answers = drafts_answers},
    {.method = HTTP_GET,
     .path = "/v1/municipality/drafts/:code",
     .access = &portal_editor,
     .query = version_query,
     .handle = get_draft,
     .operation = "getDraft",
     .summary = "Read a draft and its versions",
     .answers = draft_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_PUT,
     .path = "/v1/municipality/drafts/:code",
     .access = &portal_editor,
     .body = save_members,
     .handle = put_draft,
     .operation = "saveDraft",
     .summary = "Save another version, which nobody else sees",
     .answers = saved_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT),
     .body_max = 4 * PROCEDURE_CONTENT_MAX},
    {.method = HTTP_POST,
     .path = "/v1/municipality/drafts/:code/publication",
     .access = &portal_editor,
     .body = saved_members,
     .handle = post_publication,
     .operation = "publishDraft",
     .summary = "Make a version the municipality's text",
     .answers = published_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
