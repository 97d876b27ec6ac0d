/* SPDX-License-Identifier: Apache-2.0 */
/* Verifiers in JSON and back. */
#include "authority/routes.h"

#include <stdlib.h>

int authority_post_verifier(struct http_call *call, struct err *err)
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

int authority_get_verifiers(struct http_call *call, struct err *err)
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
        TRY(json_add(verifiers, json_steal(&entry), err));
    }
    TRY(json_put(body, "verifiers", json_steal(&verifiers), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

int authority_delete_verifier(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);

    TRY(authority_remove_verifier(authority->store, http_param(&call->request, "name"), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}
