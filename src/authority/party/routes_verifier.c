/* SPDX-License-Identifier: Apache-2.0 */
/* Verifiers in JSON and back. */
#include "authority/routes.h"

#include <stdlib.h>

static int post_verifier(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct audit_origin by = authority_caller(call);
    const char *name;
    bool is_new;

    TRY(json_get_text(call->request.json, "name", &name, err));
    TRY(json_get_base64(call->request.json, "certificate", &certificate, err));
    TRY(authority_register_verifier(call->context, name, buf_bytes(&certificate), &by, &is_new,
                                    err));
    TRY(json_put_text(body, "name", name, err));
    return http_reply_json(&call->response, is_new ? 201 : 200, json_steal(&body), err);
}

static void list_freep(struct verifier_list **list)
{
    if (*list != NULL)
        verifier_list_done(*list);
    free(*list);
}

static int get_verifiers(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(list_freep) struct verifier_list *list = calloc(1, sizeof *list);
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *verifiers = json_array_new();

    if (list == NULL)
        return FAIL_NOMEM(err);
    TRY(authority_list_verifiers(authority->store, list, err));
    for (size_t i = 0; i < list->count; i++) {
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(json_put_text(entry, "name", list->entries[i].name, err));
        TRY(json_put_base64(entry, "certificate", buf_bytes(&list->entries[i].certificate), err));
        TRY(json_put_bool(entry, "sign", list->entries[i].verifies[CA_SIGN], err));
        TRY(json_put_bool(entry, "auth", list->entries[i].verifies[CA_AUTH], err));
        TRY(json_add(verifiers, json_steal(&entry), err));
    }
    TRY(json_put(body, "verifiers", json_steal(&verifiers), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_verifier(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);

    TRY(authority_remove_verifier(authority->store, http_param(&call->request, "name"), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_member verifier_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &authority_request_id},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "what its requests are signed with, DER",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member name_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &authority_request_id},
    {NULL},
};
static const struct http_answer registered_answers[] = {
    {201, "the verifier is registered", name_members},
    {200, "it was registered before", name_members},
    {0},
};
static const struct http_member listed_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here; several certificates may have it",
     .form = &authority_request_id},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "what its requests are signed with, DER",
     .form = &http_form_base64},
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it may ask about sign certificates"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it may ask about auth certificates"},
    {NULL},
};
static const struct http_member verifiers_members[] = {
    {"verifiers", HTTP_ARRAY, HTTP_REQUIRED, "the certificates of all that are active",
     listed_members},
    {NULL},
};
static const struct http_answer verifiers_answers[] = {
    {200, "whose requests are answered", verifiers_members}, {0}};
static const struct http_answer removed_answers[] = {{204, "the verifier is removed"}, {0}};

const struct route authority_verifier_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifiers",
     .access = &authority_operator,
     .body = verifier_members,
     .handle = post_verifier,
     .operation = "addVerifier",
     .summary = "Register a verifier of both kinds by its certificate, active at once",
     .answers = registered_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/verifiers",
     .access = &authority_ocspd_peer,
     .handle = get_verifiers,
     .operation = "listVerifiers",
     .summary = "Read whose requests jpki-ocspd answers",
     .answers = verifiers_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/verifiers/:name",
     .access = &authority_operator,
     .handle = delete_verifier,
     .operation = "removeVerifier",
     .summary = "Remove a verifier",
     .answers = removed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
