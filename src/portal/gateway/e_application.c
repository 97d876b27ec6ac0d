/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-applications for services (S316): whoever consents to it lets a service, an employer's or an
 * agent's software, fill in applications for him. Public of the real one is that sites outside send
 * applications since 2020-12 (portal.md 2.1); paths and members are our own. What comes is a draft
 * at the portal (application/prepared.h): its owner reads it there and signs there, so that what is
 * signed is what the portal has shown. Files may follow until he has opened it, so that nothing
 * comes into what he is reading. As long as it is a draft the service can take it back, of which he
 * is told. The service learns how it stands and its number.
 */
#include "portal/application/attaching.h"
#include "portal/application/form.h"
#include "portal/application/prepared.h"
#include "portal/gateway/apis.h"
#include "portal/history/history.h"
#include "portal/notice/notice.h"
#include "portal/operator/pull.h"
#include "portal/operator/routes.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 1024 * 1024 };

const struct gateway_api gateway_e_application = {
    .name = "e-application",
    .since = "2020-12",
    .names = {"電子申請等API", "E-applications"},
    .is_by_consent = true,
    .is_always_period = true,
    .period_days = 30,
};

/* A request of a service with a consent; words are its texts. */
struct preparing {
    struct operator_consent consent;
    struct operator_words words;
    struct audit_origin by;
    char owner[APPLICATION_OWNER_SIZE];
};

static int open_preparing(const struct http_call *call, struct preparing *ret, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};

    TRY(operator_pull_consent(call, gateway_e_application.name, &ret->consent, err));
    TRY(operator_get(portal_store_db(portal->store), ret->consent.client, &client, err));
    operator_words_of(&client, &ret->words);
    ret->by = operator_pull_by(call, &ret->consent);
    (void)snprintf(ret->owner, sizeof ret->owner, "account:%s", ret->consent.account);
    return 0;
}

/* ---- telling the person ---- */

static int send_notice(struct db_txn *txn, struct notice_draft *draft, const char *service,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *parameters = json_object_new();

    TRY(json_put_text(parameters, "service", service, err));
    draft->parameters = parameters;
    return notice_send(txn, draft, err);
}

static int tell_owner(struct db_txn *txn, const struct preparing *preparing, const char *topic,
                      const char *id, struct err *err)
{
    char link[sizeof "apply/" + APPLICATION_ID_SIZE];
    struct notice_draft draft = {.account = preparing->consent.account,
                                 .topic = topic,
                                 .link = link,
                                 .at = preparing->by.at};
    struct err why = {0};
    int rc;

    (void)snprintf(link, sizeof link, "apply/%s", id);
    rc = send_notice(txn, &draft, preparing->words.name, &why);
    if (rc == -ERR_INPUT) /* a name that no notice repeats, as it has an address in it */
        return send_notice(txn, &draft, preparing->consent.client, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

/* ---- preparing ---- */

static int tell_log(struct db_txn *txn, const struct preparing *preparing,
                    const struct procedure_item *procedure, struct err *err)
{
    char name[NOTE_WORDS_MAX + 1], name_en[NOTE_WORDS_MAX + 1];
    const struct note note = {.what = LOG_PREPARED,
                              .channel = NOTE_API,
                              .receiver = preparing->consent.client,
                              .receiver_name = {preparing->words.name, preparing->words.name_en},
                              .why = {preparing->words.purpose, preparing->words.purpose_en},
                              .items = {name, name_en}};

    operator_cut(procedure->name, name);
    operator_cut(procedure->name_en, name_en);
    return history_note(txn, preparing->consent.account, &note, &preparing->by, err);
}

/* With the draft: the consent may have ended since the request was let in. */
static int note_prepared(struct db_txn *txn, const char *id, const struct procedure_item *procedure,
                         void *context, struct err *err)
{
    const struct preparing *preparing = context;
    const struct preparer preparer = {preparing->consent.client, preparing->words.name,
                                      preparing->words.name_en, 0};

    TRY(operator_pull_check(txn, &preparing->consent, preparing->by.at, err));
    TRY(application_prepared_add(txn, id, preparing->owner, &preparer, err));
    TRY(tell_log(txn, preparing, procedure, err));
    TRY(tell_owner(txn, preparing, "application.prepared", id, err));
    TRY(db_execute(txn, "UPDATE operator_consent SET used_at = ? WHERE id = ? AND used_at IS NULL",
                   DB_WITH(DB_INT(preparing->by.at), DB_TEXT(preparing->consent.id)), err));
    return operator_note(txn, OPERATOR_ACT_PREPARED, id, preparing->consent.client, &preparing->by,
                         err);
}

static int post_application(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct preparing preparing;
    struct beginner beginner = {.also = note_prepared, .context = &preparing};
    char id[APPLICATION_ID_SIZE];
    const char *psid;
    int rc;

    TRY(open_preparing(call, &preparing, err));
    beginner.owner = preparing.owner;
    TRY(json_get_text(call->request.json, "psid", &psid, err));
    TRY(json_get_array(call->request.json, "answers", &beginner.answers, err));
    rc = application_begin(portal_store_db(portal->store), psid, &beginner, &preparing.by, id, err);
    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_NO_PROCEDURE, err);
    TRY(rc);
    TRY(json_put_text(body, "id", id, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* ---- one of them ---- */

static int find_prepared(struct db_txn *txn, const struct preparing *preparing, const char *id,
                         struct application_standing *ret, struct err *err)
{
    const int rc = application_prepared_find(txn, id, preparing->consent.client, preparing->owner,
                                             ret, err);

    return rc == -ERR_ABSENT ? operator_fail(OPERATOR_NO_APPLICATION, err) : rc;
}

/* Without a change. */
static int look(const struct http_call *call, const struct preparing *preparing,
                struct application_standing *ret, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(portal_store_db(portal->store), &txn, err));
    return find_prepared(&txn, preparing, http_param(&call->request, "id"), ret, err);
}

/* ---- its files ---- */

/* Nobody has opened it while this transaction lasts, and so nobody has changed it. */
static int keep_file(const struct http_call *call, const struct preparing *preparing,
                     const struct application *application, const struct attachment *attachment,
                     int64_t *ret, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct application_standing standing;

    TRY(db_begin(portal_store_db(portal->store), &txn, err));
    TRY(operator_pull_check(&txn, &preparing->consent, preparing->by.at, err));
    TRY(find_prepared(&txn, preparing, application->id, &standing, err));
    if (standing.state != APPLICATION_DRAFT)
        return operator_fail(OPERATOR_APPLICATION_CLOSED, err);
    if (standing.is_opened)
        return operator_fail(OPERATOR_APPLICATION_OPENED, err);
    TRY(application_attach_within(&txn, application, attachment, call->request.body, ret, err));
    TRY(operator_note(&txn, OPERATOR_ACT_ATTACHED, application->id, preparing->consent.client,
                      &preparing->by, err));
    return db_commit(&txn, err);
}

static int post_file(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(application_done) struct application application = {.form = NULL};
    struct attachment attachment = {.digest = BUF_INIT};
    struct application_standing standing;
    struct preparing preparing;
    int64_t number;

    TRY(open_preparing(call, &preparing, err));
    TRY(look(call, &preparing, &standing, err));
    TRY(attaching_read(call, &attachment, err));
    TRY(application_get(portal_store_db(portal->store), http_param(&call->request, "id"),
                        preparing.owner, &application, err));
    TRY(keep_file(call, &preparing, &application, &attachment, &number, err));
    return attaching_reply(call, number, err);
}

/* ---- taking it back ---- */

static int take_back(struct db_txn *txn, const struct preparing *preparing, const char *id,
                     struct err *err)
{
    const struct application_move move = {
        .id = id, .owner = preparing->owner, .to = APPLICATION_WITHDRAWN, .note = ""};
    struct application_standing standing;

    TRY(find_prepared(txn, preparing, id, &standing, err));
    if (standing.state != APPLICATION_DRAFT)
        return operator_fail(OPERATOR_APPLICATION_CLOSED, err);
    TRY(application_move_within(txn, &move, &preparing->by, err));
    TRY(application_prepared_take_back(txn, id, preparing->by.at, err));
    TRY(tell_owner(txn, preparing, "application.taken-back", id, err));
    return operator_note(txn, OPERATOR_ACT_TAKEN_BACK, id, preparing->consent.client,
                         &preparing->by, err);
}

static int delete_application(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct preparing preparing;

    TRY(open_preparing(call, &preparing, err));
    TRY(db_begin(portal_store_db(portal->store), &txn, err));
    TRY(operator_pull_check(&txn, &preparing.consent, preparing.by.at, err));
    TRY(take_back(&txn, &preparing, http_param(&call->request, "id"), err));
    TRY(db_commit(&txn, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- how it stands ---- */

/* What is new to the service is in the person's log before it leaves. */
static int note_standing(const struct portal *portal, const struct preparing *preparing,
                         const char *id, const struct application_standing *standing,
                         struct err *err)
{
    const struct operator_handed handed = {.items = {"申請の状況", "how an application stands"}};
    const struct operator_pull pull = {&preparing->consent, OPERATOR_ACT_STANDING, id, &handed, 1};

    if (standing->is_told)
        return 0;
    TRY(operator_pull_note(portal, &pull, &preparing->by, err));
    return application_prepared_told(portal_store_db(portal->store), id, standing->state, err);
}

static int get_application(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *id = http_param(&call->request, "id");
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct application_standing standing;
    struct preparing preparing;

    TRY(open_preparing(call, &preparing, err));
    TRY(look(call, &preparing, &standing, err));
    TRY(note_standing(portal, &preparing, id, &standing, err));
    TRY(json_put_text(body, "state", application_states[standing.state], err));
    TRY(json_put_int(body, "changed_at", standing.changed_at, err));
    TRY(json_put_optional(body, "receipt", standing.receipt[0] == '\0' ? NULL : standing.receipt,
                          err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- words ---- */

static const struct http_member filled_members[] = {
    {"psid", HTTP_TEXT, HTTP_REQUIRED, "the procedure"},
    {"answers", HTTP_ARRAY, HTTP_REQUIRED, "to its form, as far as the service knows them",
     form_answer_members},
    {NULL},
};
static const struct http_member prepared_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the application", .form = &portal_id_form}, {NULL}};
static const struct http_answer prepared_answers[] = {
    {201, "a draft that waits for the person", prepared_members}, {0}};
static const struct http_member standing_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = application_states},
    {"changed_at", HTTP_INT, HTTP_REQUIRED, "its last change, UTC seconds"},
    {"receipt", HTTP_TEXT, HTTP_OR_NULL, "its number; null: it was not submitted yet"},
    {NULL},
};
static const struct http_answer standing_answers[] = {{200, "how it stands", standing_members},
                                                      {0}};
static const struct http_answer taken_back_answers[] = {{204, "taken back"}, {0}};

const struct route portal_e_application_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/e-applications",
     .access = &operator_with_token,
     .body = filled_members,
     .handle = post_application,
     .operation = "prepareApplication",
     .summary = "Fill in an application for whom the token's consent is of (path and members are "
                "our own: the real ones are not public)",
     .answers = prepared_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems,
     .body_max = BODY_MAX},
    {.method = HTTP_GET,
     .path = "/v1/e-applications/:id",
     .access = &operator_with_token,
     .handle = get_application,
     .operation = "getPreparedApplication",
     .summary = "Read how one of them stands",
     .answers = standing_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.method = HTTP_POST,
     .path = "/v1/e-applications/:id/files",
     .access = &operator_with_token,
     .query = attaching_query,
     .body_type = "application/octet-stream",
     .handle = post_file,
     .operation = "attachPreparedFile",
     .summary = "Attach a file to one of them that the person has not opened yet",
     .answers = attaching_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems,
     .body_max = APPLICATION_FILE_MAX},
    {.method = HTTP_DELETE,
     .path = "/v1/e-applications/:id",
     .access = &operator_with_token,
     .handle = delete_application,
     .operation = "takeBackApplication",
     .summary = "Take one of them back that the person has not submitted, who is told",
     .answers = taken_back_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.path = NULL},
};
