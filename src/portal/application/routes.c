/* SPDX-License-Identifier: Apache-2.0 */
/* Applying for a procedure: a draft with answers and attachments, its submission, its end. */
#include "portal/routes.h"

#include "portal/application/applying.h"
#include "portal/application/attaching.h"
#include "portal/application/document.h"
#include "portal/application/prepared.h"
#include "portal/application/shown.h"

#include <stdlib.h>
#include <string.h>

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

/* Without a session there is no account, so what is to be signed is for people who have one. */
static int check_session(struct http_call *call, const char *psid, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    bool signs = true;

    TRY(procedure_get(db_of(call), psid, clock_now(portal->clock), &detail, err));
    if (detail.form != NULL)
        TRY(json_get_bool(detail.form, "needs_signature", &signs, err));
    return signs ? FAIL(err, ERR_DENIED, "log in to apply for this") : 0;
}

static int post_application(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char id[APPLICATION_ID_SIZE], ticket[TICKET_SIZE];
    struct applicant applicant;
    struct beginner beginner;
    const char *psid;

    TRY(json_get_text(call->request.json, "psid", &psid, err));
    TRY(applicant_begin(call, &applicant, ticket, err));
    if (ticket[0] != '\0')
        TRY(check_session(call, psid, err));
    beginner = (struct beginner){.owner = applicant.owner, .proxy = applicant.proxy};
    TRY(application_begin(db_of(call), psid, &beginner, &applicant.by, id, err));
    TRY(json_put_text(body, "id", id, err));
    if (ticket[0] != '\0')
        TRY(json_put_text(body, "ticket", ticket, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int list_applications(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct applicant applicant;
    struct application_query query = {.owner = applicant.owner,
                                      .after = http_query(&call->request, "after")};
    const char *last = NULL;
    struct json *list;

    TRY(applicant_find(call, &applicant, err));
    TRY(application_list(db_of(call), &query, &list, err));
    if (json_count(list) == APPLICATION_PAGE_MAX)
        TRY(json_get_text(json_at(list, APPLICATION_PAGE_MAX - 1), "id", &last, err));
    if (last != NULL)
        TRY(json_put_text(body, "next", last, err));
    TRY(json_put(body, "applications", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_application(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    struct json *problems;

    TRY(applying_find(call, &asked, err));
    TRY(json_put_text(body, "id", asked.application.id, err));
    TRY(application_put(body, asked.db, &asked.application, err));
    TRY(application_prepared_put(body, asked.db, asked.application.id, err));
    TRY(application_problems(asked.db, &asked.application, &asked.applicant.proxy, &problems, err));
    TRY(json_put(body, "problems", problems, err));
    /* What a proxy's certificate says is for the municipality. */
    if (!application_by_proxy(&asked.application.proxy))
        TRY(application_put_signer(body, asked.db, &asked.application, err));
    TRY(json_put(body, "form", json_steal(&asked.application.form), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_answers(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    const struct json *answers;
    struct json *problems;

    TRY(applying_find(call, &asked, err));
    TRY(json_get_array(call->request.json, "answers", &answers, err));
    TRY(form_judge(asked.application.form, answers, FORM_SO_FAR, &problems, err));
    TRY(json_put(body, "problems", problems, err));
    TRY(application_answer(asked.db, asked.application.id, asked.applicant.owner, answers,
                           clock_now(portal->clock), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_file(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    struct attachment attachment = {.digest = BUF_INIT};
    int64_t number;

    TRY(applying_find(call, &asked, err));
    TRY(attaching_read(call, &attachment, err));
    TRY(application_attach(asked.db, &asked.application, &attachment, call->request.body, &number,
                           err));
    return attaching_reply(call, number, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};

    TRY(applying_find(call, &asked, err));
    return application_reply_file(call, asked.db, asked.application.id,
                                  http_param(&call->request, "number"), err);
}

static int delete_file(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    const char *number = http_param(&call->request, "number");

    TRY(applying_find(call, &asked, err));
    if (strspn(number, "0123456789") != strlen(number) || strlen(number) > 9)
        return FAIL(err, ERR_ABSENT, "there is no such attachment");
    TRY(application_detach(asked.db, &asked.application, strtoll(number, NULL, 10), err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int get_document(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};

    TRY(applying_find(call, &asked, err));
    return application_reply_document(call, asked.db, asked.application.id, err);
}

static int post_withdrawal(struct http_call *call, struct err *err)
{
    struct application_move move = {
        .id = http_param(&call->request, "id"), .to = APPLICATION_WITHDRAWN, .note = ""};
    struct applicant applicant;

    TRY(applicant_find(call, &applicant, err));
    move.owner = applicant.owner;
    TRY(application_move(db_of(call), &move, &applicant.by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- tables ---- */

static const struct http_member begin_members[] = {
    {"psid", HTTP_TEXT, HTTP_REQUIRED, "the procedure"}, {NULL}};
static const struct http_member begun_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the application", .form = &portal_id_form},
    {"ticket", HTTP_TEXT, HTTP_OPTIONAL,
     "for whoever has not logged in: shows that it is his, told this once",
     .form = &portal_secret_form},
    {NULL},
};
static const struct http_answer begun_answers[] = {{201, "a draft", begun_members}, {0}};
static const struct http_member list_members[] = {
    {"applications", HTTP_ARRAY, HTTP_REQUIRED, "the last begun first, 100 at most",
     application_row_members},
    {"next", HTTP_TEXT, HTTP_OPTIONAL, "for after, if there may be more", .form = &portal_id_form},
    {NULL}};
static const struct http_member list_query[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "only those behind this one", .form = &portal_id_form},
    {NULL}};
static const struct http_answer list_answers[] = {{200, "his applications", list_members}, {0}};
static const struct http_member problem_row_members[] = {
    {"field", HTTP_TEXT, HTTP_REQUIRED, "a field or an attachment of the form"},
    {"problem", HTTP_TEXT, HTTP_REQUIRED, "what is wrong", .values = form_problems},
    {NULL},
};
static const struct http_member application_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the application", .form = &portal_id_form},
    APPLICATION_MEMBERS,
    {"problems", HTTP_ARRAY, HTTP_REQUIRED, "what is missing or wrong", problem_row_members},
    {"applicant", HTTP_OBJECT, HTTP_OPTIONAL,
     "what the certificate says that signed it last; missing: nobody signed, or a proxy did",
     applicant_members},
    {"prepared_by", HTTP_OBJECT, HTTP_OPTIONAL, "the service that prepared it; missing: none did",
     application_preparer_members},
    {"form", HTTP_OBJECT, HTTP_REQUIRED, "the form as it was when it was begun", form_members},
    {NULL},
};
static const struct http_answer application_answers[] = {
    {200, "the application", application_members}, {0}};
static const struct http_member answers_members[] = {
    {"answers", HTTP_ARRAY, HTTP_REQUIRED, "all of them", form_answer_members}, {NULL}};
static const struct http_member judged_members[] = {
    {"problems", HTTP_ARRAY, HTTP_REQUIRED, "what is wrong with them", problem_row_members},
    {NULL}};
static const struct http_answer judged_answers[] = {{200, "they are kept", judged_members}, {0}};
static const struct http_answer detached_answers[] = {{204, "gone"}, {0}};
static const struct http_answer withdrawn_answers[] = {{204, "withdrawn"}, {0}};

#define ONE "/v1/applications/:id"
enum { CHANGE_FAILS = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) };

const struct route portal_application_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/applications",
     .access = &http_anyone,
     .body = begin_members,
     .handle = post_application,
     .operation = "beginApplication",
     .summary = "Begin to apply for a procedure",
     .answers = begun_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | CHANGE_FAILS},
    {.method = HTTP_GET,
     .path = "/v1/applications",
     .access = &portal_applicant,
     .query = list_query,
     .handle = list_applications,
     .operation = "listApplications",
     .summary = "List one's applications",
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = ONE,
     .access = &portal_applicant,
     .handle = get_application,
     .operation = "getApplication",
     .summary = "Read an application, and what is missing",
     .answers = application_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_PUT,
     .path = ONE "/answers",
     .access = &portal_applicant,
     .body = answers_members,
     .handle = put_answers,
     .operation = "putAnswers",
     .summary = "Keep other answers",
     .answers = judged_answers,
     .fails = CHANGE_FAILS,
     .body_max = 1024 * 1024},
    {.method = HTTP_POST,
     .path = ONE "/files",
     .access = &portal_applicant,
     .query = attaching_query,
     .body_type = "application/octet-stream",
     .handle = post_file,
     .operation = "attachFile",
     .summary = "Attach a file",
     .answers = attaching_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | CHANGE_FAILS,
     .body_max = APPLICATION_FILE_MAX},
    {.method = HTTP_GET,
     .path = ONE "/files/:number",
     .access = &portal_applicant,
     .handle = get_file,
     .operation = "getFile",
     .summary = "Read an attachment",
     .answers = application_file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_DELETE,
     .path = ONE "/files/:number",
     .access = &portal_applicant,
     .handle = delete_file,
     .operation = "detachFile",
     .summary = "Take an attachment away",
     .answers = detached_answers,
     .fails = CHANGE_FAILS},
    {.method = HTTP_GET,
     .path = ONE "/document",
     .access = &portal_applicant,
     .handle = get_document,
     .operation = "getDocument",
     .summary = "Read the signed document",
     .answers = application_document_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = ONE "/withdrawal",
     .access = &portal_applicant,
     .handle = post_withdrawal,
     .operation = "withdrawApplication",
     .summary = "Withdraw an application",
     .answers = withdrawn_answers,
     .fails = CHANGE_FAILS},
    {.path = NULL},
};
