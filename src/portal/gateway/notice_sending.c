/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices of services: whoever consents to it lets a service send him notices of the kinds that
 * there are on that day. Of the real portal nothing is public by which a service that is no
 * municipality could do so: the interface is our own, and "since" is the day of the one beside it.
 * The token of the consent says to whom, so a service needs no name for anybody, and cannot reach
 * who has not consented. It is not told whether the person has read it.
 */
#include "portal/gateway/apis.h"
#include "portal/notice/letter.h"
#include "portal/operator/pull.h"
#include "portal/operator/routes.h"

#include <stdio.h>
#include <string.h>

const struct gateway_api gateway_notice_sending = {
    .name = "notice-sending",
    .since = "2020-10",
    .names = {"お知らせ送信API（独自）", "Sending notices (our own)"},
    .is_by_consent = true,
    .is_always_period = true,
    .period_days = 365,
    .topics = notice_sender_topics,
};

/* A request of a service with a consent; sender's texts are in words. */
struct sending {
    struct operator_consent consent;
    struct operator_words words;
    struct notice_sender sender;
    struct audit_origin by;
};

static int open_sending(const struct http_call *call, struct sending *ret, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};

    TRY(operator_pull_consent(call, gateway_notice_sending.name, &ret->consent, err));
    TRY(operator_get(portal_store_db(portal->store), ret->consent.client, &client, err));
    ret->by = operator_pull_by(call, &ret->consent);
    operator_words_of(&client, &ret->words);
    (void)snprintf(ret->sender.id, sizeof ret->sender.id, NOTICE_SERVICE "%s", client.id);
    ret->sender.name = (struct names){ret->words.name, ret->words.name_en};
    ret->sender.note = (struct note){.channel = NOTE_API,
                                     .receiver = ret->consent.client,
                                     .receiver_name = ret->sender.name,
                                     .why = {ret->words.purpose, ret->words.purpose_en}};
    return 0;
}

static int refuse(enum notice_outcome outcome, struct err *err)
{
    static const enum operator_problem problems[] = {
        [NOTICE_IS_OFF] = OPERATOR_SWITCHED_OFF,
        [NOTICE_IS_TOO_MANY] = OPERATOR_TOO_MANY,
        [NOTICE_KEY_IS_USED] = OPERATOR_KEY_USED,
    };

    return outcome == NOTICE_IS_SENT ? 0 : operator_fail(problems[outcome], err);
}

/* The consent may have ended since the request was let in. */
static int send(const struct portal *portal, const struct sending *sending,
                const struct notice_letter *letter, char ret_id[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    enum notice_outcome outcome;

    TRY(db_begin(portal_store_db(portal->store), &txn, err));
    TRY(operator_pull_check(&txn, &sending->consent, sending->by.at, err));
    TRY(notice_letter_send(&txn, letter, &sending->by, ret_id, &outcome, err));
    TRY(refuse(outcome, err));
    TRY(db_execute(&txn, "UPDATE operator_consent SET used_at = ? WHERE id = ? AND used_at IS NULL",
                   DB_WITH(DB_INT(sending->by.at), DB_TEXT(sending->consent.id)), err));
    return db_commit(&txn, err);
}

static int post_notice(struct http_call *call, struct err *err)
{
    struct notice_letter letter = {.link = NULL};
    char id[PORTAL_ID_SIZE];
    struct sending sending;

    TRY(open_sending(call, &sending, err));
    TRY(notice_letter_read(call->request.json, call->request.body, &letter, err));
    letter.sender = &sending.sender;
    letter.account = sending.consent.account;
    if (!operator_consent_has(&sending.consent, letter.topic))
        return operator_fail(OPERATOR_NOT_CONSENTED, err);
    TRY(send(call->context, &sending, &letter, id, err));
    return notice_letter_reply(call, id, err);
}

/* One that this service sent to whom this consent is of. */
static struct notice_sent sent_of(const struct http_call *call, const struct sending *sending)
{
    return (struct notice_sent){.id = http_param(&call->request, "id"),
                                .sender = sending->sender.id,
                                .account = sending->consent.account};
}

static int get_notice(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct notice_sent sent;
    struct sending sending;
    struct json *body;
    int rc;

    TRY(open_sending(call, &sending, err));
    sent = sent_of(call, &sending);
    rc = notice_sent_tell(portal_store_db(portal->store), &sent, &body, err);
    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_NO_NOTICE, err);
    TRY(rc);
    return http_reply_json(&call->response, 200, body, err);
}

static int delete_notice(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct notice_sent sent;
    struct sending sending;
    int rc;

    TRY(open_sending(call, &sending, err));
    sent = sent_of(call, &sending);
    rc = notice_sent_take_back(portal_store_db(portal->store), &sent, &sending.sender, &sending.by,
                               err);
    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_NO_NOTICE, err);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const struct http_member letter_members[] = {NOTICE_LETTER_MEMBERS};

const struct route portal_sent_notice_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/sent-notices",
     .access = &operator_with_token,
     .body = letter_members,
     .handle = post_notice,
     .operation = "sendNotice",
     .summary = "Send a notice to whom the token's consent is of (our own)",
     .answers = notice_letter_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.method = HTTP_GET,
     .path = "/v1/sent-notices/:id",
     .access = &operator_with_token,
     .handle = get_notice,
     .operation = "getSentNotice",
     .summary = "Read when it was sent, and whether it was taken back (our own)",
     .answers = notice_sent_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.method = HTTP_DELETE,
     .path = "/v1/sent-notices/:id",
     .access = &operator_with_token,
     .handle = delete_notice,
     .operation = "takeNoticeBack",
     .summary = "Take a notice back (our own)",
     .answers = notice_taken_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.path = NULL},
};
