/* SPDX-License-Identifier: Apache-2.0 */
/* A person's mail address, for himself; and for operators, what became of mails. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/mail/address.h"

#include <stdlib.h>

enum { DECIMAL = 10 };

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

static int put_address(struct json *body, const struct mail_address *address, struct err *err)
{
    TRY(json_put_text(body, "address", address->address, err));
    TRY(json_put_text(body, "language", address->language, err));
    TRY(json_put_int(body, "consented_at", address->consented_at, err));
    return address->confirmed_at == 0
               ? json_put_null(body, "confirmed_at", err)
               : json_put_int(body, "confirmed_at", address->confirmed_at, err);
}

static int get_mail(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *told = json_object_new();
    struct mail_address address;
    struct session own;
    int rc;

    TRY(citizen_find(call, &own, err));
    TRY(json_put_bool(body, "offered", portal->sends_mail, err));
    rc = mail_address_get(db_of(call), own.account.id, &address, err);
    if (rc == -ERR_ABSENT) {
        TRY(json_put_null(body, "mail", err));
        return http_reply_json(&call->response, 200, json_steal(&body), err);
    }
    TRY(rc);
    TRY(put_address(told, &address, err));
    TRY(json_put(body, "mail", json_steal(&told), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_mail(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *address = NULL, *language = NULL;
    bool is_agreed = false;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_text(call->request.json, "address", &address, err));
    TRY(json_get_text(call->request.json, "language", &language, err));
    TRY(json_get_bool(call->request.json, "consent", &is_agreed, err));
    if (!is_agreed)
        return FAIL(err, ERR_INPUT, "consent: an address is kept only if its owner agrees");
    if (!portal->sends_mail)
        return FAIL(err, ERR_ABSENT, "this portal sends no mails");
    TRY(mail_address_give(db_of(call), own.account.id, address, language, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int prove_mail(struct http_call *call, struct err *err)
{
    const char *code = NULL;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_text(call->request.json, "code", &code, err));
    TRY(mail_address_prove(db_of(call), own.account.id, code, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int delete_mail(struct http_call *call, struct err *err)
{
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    if (mail_address_remove(db_of(call), own.account.id, &by, err) == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no mail address");
    http_reply_empty(&call->response, 204);
    return 0;
}

static int list_mails(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *counts = NULL;
    CLEANUP(json_freep) struct json *dead = NULL;
    const char *after = http_query(&call->request, "after");

    TRY(mail_tell(db_of(call), after == NULL ? 0 : strtoll(after, NULL, DECIMAL), &counts, &dead,
                  err));
    TRY(json_put(body, "counts", json_steal(&counts), err));
    TRY(json_put(body, "dead", json_steal(&dead), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int try_again(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(portal->clock), call->request.peer.cred.uid, call->request.trace_id);

    TRY(mail_again(db_of(call), strtoll(http_param(&call->request, "id"), NULL, DECIMAL), &by,
                   err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const char *const languages[] = {"ja", "en", NULL};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form number_form = {"^[0-9]{1,18}$", "a number"};
static const struct http_member address_members[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "where mails go"},
    {"language", HTTP_TEXT, HTTP_REQUIRED, "of mails", .values = languages},
    {"consented_at", HTTP_INT, HTTP_REQUIRED, "when its owner agreed, UTC seconds"},
    {"confirmed_at", HTTP_INT, HTTP_OR_NULL, "when he has shown the code; null: not yet"},
    {NULL},
};
static const struct http_member mail_members[] = {
    {"offered", HTTP_BOOL, HTTP_REQUIRED, "whether this portal sends mails"},
    {"mail", HTTP_OBJECT, HTTP_OR_NULL, "the address; null: there is none", address_members},
    {NULL},
};
static const struct http_answer mail_answers[] = {{200, "where mails go", mail_members}, {0}};
static const struct http_member given_members[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "NAME@DOMAIN, 254 characters at most"},
    {"language", HTTP_TEXT, HTTP_REQUIRED, "of mails", .values = languages},
    {"consent", HTTP_BOOL, HTTP_REQUIRED, "that the portal keeps it, to write there; true"},
    {NULL},
};
static const struct http_answer given_answers[] = {{204, "a code goes there"}, {0}};
static const struct http_member code_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what was sent there", .form = &code_form}, {NULL}};
static const struct http_answer proved_answers[] = {{204, "mails go there from now on"}, {0}};
static const struct http_answer removed_answers[] = {{204, "it is deleted"}, {0}};
static const struct http_member counts_members[] = {
    {"waiting", HTTP_INT, HTTP_REQUIRED, "to go out"},
    {"handed", HTTP_INT, HTTP_REQUIRED, "being sent now"},
    {"sent", HTTP_INT, HTTP_REQUIRED, "taken by the server, of 30 days"},
    {"dead", HTTP_INT, HTTP_REQUIRED, "given up, of 30 days"},
    {NULL},
};
static const struct http_member dead_members[] = {
    {"id", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"tries", HTTP_INT, HTTP_REQUIRED, "to send it"},
    {"why", HTTP_TEXT, HTTP_REQUIRED, "what became of the last one"},
    {NULL},
};
static const struct http_member mails_query[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "only those with higher numbers", .form = &number_form},
    {NULL},
};
static const struct http_member mails_members[] = {
    {"counts", HTTP_OBJECT, HTTP_REQUIRED, "how many there are", counts_members},
    {"dead", HTTP_ARRAY, HTTP_REQUIRED, "those that were given up, 100 at most", dead_members},
    {NULL},
};
static const struct http_answer mails_answers[] = {
    {200, "what became of mails; no address is told", mails_members}, {0}};
static const struct http_answer again_answers[] = {{204, "it is due"}, {0}};

const struct route portal_mail_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/mail",
     .access = &portal_citizen,
     .handle = get_mail,
     .operation = "getMail",
     .summary = "Read where one is written to",
     .answers = mail_answers},
    {.method = HTTP_PUT,
     .path = "/v1/mail",
     .access = &portal_citizen,
     .body = given_members,
     .handle = put_mail,
     .operation = "putMail",
     .summary = "Give an address, in place of the one that is there",
     .answers = given_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/mail/code",
     .access = &portal_citizen,
     .body = code_members,
     .handle = prove_mail,
     .operation = "proveMail",
     .summary = "Show the code that was sent there",
     .answers = proved_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_DELETE,
     .path = "/v1/mail",
     .access = &portal_citizen,
     .handle = delete_mail,
     .operation = "deleteMail",
     .summary = "Have the address deleted",
     .answers = removed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/mails",
     .access = &audit_operator,
     .query = mails_query,
     .handle = list_mails,
     .operation = "listMails",
     .summary = "See how many mails wait, and which were given up",
     .answers = mails_answers},
    {.method = HTTP_POST,
     .path = "/v1/mails/:id/again",
     .access = &audit_operator,
     .handle = try_again,
     .operation = "tryMailAgain",
     .summary = "Try a mail again that was given up, even if it may have arrived",
     .answers = again_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
