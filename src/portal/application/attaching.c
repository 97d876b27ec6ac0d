/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/attaching.h"

#include "portal/application/document_kind.h"
#include "portal/application/file.h"

#include <stdio.h>
#include <string.h>

static int copy_query(const struct http_call *call, const char *name, char *ret, size_t size,
                      struct err *err)
{
    const char *text = http_query(&call->request, name);

    if (text == NULL || strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s: missing or too long", name);
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

int attaching_read(const struct http_call *call, struct attachment *ret, struct err *err)
{
    const char *type = attachment_type(call->request.body);
    const char *document = http_query(&call->request, "document");

    if (document == NULL)
        return FAIL(err, ERR_INPUT, "document: missing; it says what the file shows");
    TRY(document_kind_check(document, err));
    TRY(copy_query(call, "kind", ret->kind, sizeof ret->kind, err));
    TRY(copy_query(call, "name", ret->name, sizeof ret->name, err));
    TRY(attachment_check_name(ret->name, err));
    if (type == NULL)
        return FAIL(err, ERR_INPUT, "this is no PDF, JPEG or PNG");
    (void)snprintf(ret->type, sizeof ret->type, "%s", type);
    return 0;
}

int attaching_reply(struct http_call *call, int64_t number, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, "number", number, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

const struct http_member attaching_query[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what the form asks for"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of the file, which says nothing of its type"},
    {"document", HTTP_TEXT, HTTP_REQUIRED,
     "what it shows, as whoever attaches it says; what bears an individual number is refused",
     .values = document_kinds},
    {NULL},
};
static const struct http_member attached_members[] = {
    {"number", HTTP_INT, HTTP_REQUIRED, "its number"}, {NULL}};
const struct http_answer attaching_answers[] = {{201, "attached", attached_members}, {0}};
