/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/shown.h"

#include "portal/application/file.h"
#include "portal/application/prepared.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_DIGITS = 9 };

static int add_file(void *context, const struct attachment *file, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(json_put_int(item, "number", file->number, err));
    TRY(json_put_text(item, "kind", file->kind, err));
    TRY(json_put_text(item, "name", file->name, err));
    TRY(json_put_text(item, "type", file->type, err));
    TRY(json_put_int(item, "size", (int64_t)file->size, err));
    TRY(json_put_base64(item, "digest", buf_bytes(&file->digest), err));
    return json_add(context, json_steal(&item), err);
}

int application_put(struct json *body, struct db *db, const struct application *application,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *files = json_array_new();
    struct json *answers;
    struct json *steps;

    TRY(json_put_text(body, "psid", application->psid, err));
    TRY(json_put_text(body, "name", application->name, err));
    if (application->name_en[0] != '\0')
        TRY(json_put_text(body, "name_en", application->name_en, err));
    TRY(json_put_text(body, "municipality", application->municipality, err));
    TRY(json_put_text(body, "state", application_states[application->state], err));
    if (application->receipt[0] != '\0')
        TRY(json_put_text(body, "receipt", application->receipt, err));
    TRY(json_put_int(body, "round", application->round, err));
    TRY(application_proxy_put(body, &application->proxy, err));
    TRY(json_duplicate(application->answers, &answers, err));
    TRY(json_put(body, "answers", answers, err));
    TRY(application_each_file(db, application->id, add_file, files, err));
    TRY(json_put(body, "attachments", json_steal(&files), err));
    TRY(application_steps(db, application->id, &steps, err));
    return json_put(body, "steps", steps, err);
}

int application_put_signer(struct json *body, struct db *db, const struct application *application,
                           struct err *err)
{
    CLEANUP(json_freep) struct json *applicant = NULL;
    CLEANUP(buf_done) struct buf document = BUF_INIT;

    if (application->round == 0)
        return 0;
    TRY(application_submitted(db, application->id, &document, &applicant, err));
    if (applicant == NULL)
        return 0;
    return json_put(body, application_by_proxy(&application->proxy) ? "signer" : "applicant",
                    json_steal(&applicant), err);
}

/* Nothing of it is shown or run where it is served from, whatever it is. */
static int guard(struct http_call *call, struct err *err)
{
    TRY(http_reply_field(&call->response, "Content-Disposition", "attachment", err));
    TRY(http_reply_field(&call->response, "X-Content-Type-Options", "nosniff", err));
    return http_reply_field(&call->response, "Content-Security-Policy",
                            "default-src 'none'; sandbox", err);
}

int application_reply_file(struct http_call *call, struct db *db, const char *id,
                           const char *number, struct err *err)
{
    CLEANUP(buf_done) struct buf content = BUF_INIT;
    const size_t digits = strspn(number, "0123456789");
    char type[8];

    if (digits == 0 || digits > NUMBER_DIGITS || number[digits] != '\0')
        return FAIL(err, ERR_ABSENT, "there is no such attachment");
    TRY(application_read_file(db, id, strtoll(number, NULL, 10), type, &content, err));
    TRY(guard(call, err));
    return http_reply_bytes(&call->response, 200, attachment_media_type(type), buf_bytes(&content),
                            err);
}

int application_reply_document(struct http_call *call, struct db *db, const char *id,
                               struct err *err)
{
    CLEANUP(json_freep) struct json *applicant = NULL;
    CLEANUP(buf_done) struct buf document = BUF_INIT;

    TRY(application_submitted(db, id, &document, &applicant, err));
    if (document.len == 0)
        return FAIL(err, ERR_ABSENT, "this application was not signed");
    TRY(guard(call, err));
    return http_reply_bytes(&call->response, 200, "application/xml", buf_bytes(&document), err);
}

const struct http_member attachment_members[] = {
    {"number", HTTP_INT, HTTP_REQUIRED, "its number in the application"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what the form asks for"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of the file"},
    {"type", HTTP_TEXT, HTTP_REQUIRED, "told from its octets", .values = form_file_types},
    {"size", HTTP_INT, HTTP_REQUIRED, "bytes"},
    {"digest", HTTP_TEXT, HTTP_REQUIRED, "SHA-256", .form = &http_form_base64},
    {NULL},
};
const struct http_member application_step_members[] = {
    {"at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what it became", .values = application_states},
    {"note", HTTP_TEXT, HTTP_OPTIONAL, "what was said with it"},
    {NULL},
};
const struct http_member application_row_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the owner's name for it"},
    {"receipt", HTTP_TEXT, HTTP_OPTIONAL, "its number; missing: it was not submitted yet"},
    {"psid", HTTP_TEXT, HTTP_REQUIRED, "the procedure"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = application_states},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "when it was begun, UTC seconds"},
    {"changed_at", HTTP_INT, HTTP_REQUIRED, "its last change"},
    {"proxy", HTTP_OBJECT, HTTP_OPTIONAL, APPLICATION_PROXY, application_proxy_members},
    {"prepared_by", HTTP_OBJECT, HTTP_OPTIONAL,
     "for its owner: the service that prepared it; missing: none did",
     application_preparer_members},
    {NULL},
};
const struct http_member applicant_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as in the certificate"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "as in the certificate"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "parts that are not known are zeros"},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "as in the certificate"},
    {NULL},
};
const struct http_answer application_file_answers[] = {
    {200, "the file, for saving", NULL, HTTP_ANY_TYPE}, {0}};
const struct http_answer application_document_answers[] = {
    {200, "the document as it was signed", NULL, "application/xml"}, {0}};
