/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-applications for services (S316): whoever consents to it lets a service, an employer's or an
 * agent's software, fill in applications for him. Public of the real one is that sites outside send
 * applications since 2020-12 (portal.md 2.1); paths and members are our own. What comes is a draft
 * at the portal (application/prepared.h): its owner reads it there and signs there, so that what is
 * signed is what the portal has shown. The service learns how it stands and its number.
 */
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

static int send_notice(struct db_txn *txn, const struct preparing *preparing, const char *id,
                       const char *service, struct err *err)
{
    CLEANUP(json_freep) struct json *parameters = json_object_new();
    char link[sizeof "apply/" + APPLICATION_ID_SIZE];
    const struct notice_draft draft = {.account = preparing->consent.account,
                                       .topic = "application.prepared",
                                       .parameters = parameters,
                                       .link = link,
                                       .at = preparing->by.at};

    (void)snprintf(link, sizeof link, "apply/%s", id);
    TRY(json_put_text(parameters, "service", service, err));
    return notice_send(txn, &draft, err);
}

static int tell_owner(struct db_txn *txn, const struct preparing *preparing, const char *id,
                      struct err *err)
{
    struct err why = {0};
    const int rc = send_notice(txn, preparing, id, preparing->words.name, &why);

    if (rc == -ERR_INPUT) /* a name that no notice repeats, as it has an address in it */
        return send_notice(txn, preparing, id, preparing->consent.client, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

/* With the draft: the consent may have ended since the request was let in. */
static int note_prepared(struct db_txn *txn, const char *id, const struct procedure_item *procedure,
                         void *context, struct err *err)
{
    const struct preparing *preparing = context;
    const struct preparer preparer = {preparing->consent.client, preparing->words.name,
                                      preparing->words.name_en};

    TRY(operator_pull_check(txn, &preparing->consent, preparing->by.at, err));
    TRY(application_prepared_add(txn, id, preparing->owner, &preparer, err));
    TRY(tell_log(txn, preparing, procedure, err));
    TRY(tell_owner(txn, preparing, id, err));
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
    int rc;

    TRY(open_preparing(call, &preparing, err));
    rc = application_prepared_find(portal_store_db(portal->store), id, preparing.consent.client,
                                   preparing.owner, &standing, err);
    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_NO_APPLICATION, err);
    TRY(rc);
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
    {.path = NULL},
};
