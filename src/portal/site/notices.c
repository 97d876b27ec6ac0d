/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices of sites, such as a pension office's, to people who have linked them: by the name that
 * the site alone has for somebody, so it reaches nobody else. Which sites may is in the operator's
 * file; a site shows a token that it has for itself (RFC 6749, 4.4).
 */
#include "portal/routes.h"

#include "crypto/digest.h"
#include "http/limiter.h"
#include "http/oauth.h"
#include "http/problem.h"
#include "portal/notice/letter.h"
#include "portal/site/tell.h"
#include "portal/site/tokens.h"

#include <stdio.h>
#include <string.h>

enum site_problem {
    SITE_BAD_TOKEN,
    SITE_NOT_LINKED,
    SITE_SWITCHED_OFF,
    SITE_TOO_MANY,
    SITE_KEY_USED,
    SITE_NO_NOTICE,
    SITE_PROBLEMS_
};
static const struct http_problem problems[] = {
    [SITE_BAD_TOKEN] = {"token-unknown", ERR_DENIED,
                        "the access token is unknown or over, or the site may not send"},
    [SITE_NOT_LINKED] = {"not-linked", ERR_DENIED, "nobody who has linked this site is called so"},
    [SITE_SWITCHED_OFF] = {"switched-off", ERR_DENIED,
                           "the person does not want notices of this sender"},
    [SITE_TOO_MANY] = {"too-many-notices", ERR_CONFLICT,
                       "there were as many in a day as may be, to this person or to all"},
    [SITE_KEY_USED] = {"key-used", ERR_CONFLICT, "another notice of the sender's had this key"},
    [SITE_NO_NOTICE] = {"notice-unknown", ERR_ABSENT, "there is no such notice here"},
    [SITE_PROBLEMS_] = {NULL, ERR_NONE, NULL},
};

static int refuse(enum site_problem problem, struct err *err)
{
    return FAIL_WITH(err, problems[problem].kind, HTTP_NAMED(problem), "%s",
                     problems[problem].meaning);
}

/* ---- which site asks ---- */

static int find_site(const struct http_call *call, const struct site_row **ret, struct err *err)
{
    const struct http_fields none = {NULL, 0};
    const struct portal *portal = call->context;
    const char *bearer = oauth_bearer(call, &none);
    const struct site_row *site;
    char id[SITE_ID_MAX + 1];
    struct digest hash;
    int rc;

    if (bearer == NULL)
        return refuse(SITE_BAD_TOKEN, err);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(bearer), &hash, err));
    rc = site_token_find(portal->store, &hash, clock_now(portal->clock), id, err);
    if (rc == -ERR_ABSENT)
        return refuse(SITE_BAD_TOKEN, err);
    TRY(rc);
    site = sites_find(portal->sites.list, id);
    if (site == NULL || !site->sends_notices)
        return refuse(SITE_BAD_TOKEN, err);
    *ret = site;
    return 0;
}

static int check(const struct http_call *call, struct err *err)
{
    const struct site_row *site;

    return find_site(call, &site, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    const struct portal *portal = call->context;
    char name[NOTICE_SENDER_SIZE];
    const struct site_row *site;
    struct limiter_answer answer;

    TRY(find_site(call, &site, err));
    (void)snprintf(name, sizeof name, NOTICE_SITE "%s", site->id);
    TRY(limiter_take(portal_store_limiter(portal->store), name, SITE_RATE, monotonic_us(), &answer,
                     err));
    *ret = (struct http_allowance){.is_there = true,
                                   .is_over = answer.is_over,
                                   .limit = SITE_RATE,
                                   .remaining = answer.remaining,
                                   .wait_s = answer.wait_s};
    return answer.is_over ? FAIL(err, ERR_REMOTE, "more than %d requests a second", SITE_RATE) : 0;
}

static const struct http_access with_token = {
    "site",
    check,
    "With an access token that the site has for itself, Authorization: Bearer TOKEN.",
    .is_bearer = true,
    .charge = charge,
};

/* ---- sending ---- */

struct sending {
    const struct site_row *site;
    struct notice_sender sender;
    struct audit_origin by;
};

static int open_sending(const struct http_call *call, struct sending *ret, struct err *err)
{
    const struct portal *portal = call->context;

    TRY(find_site(call, &ret->site, err));
    ret->by = audit_by_role(clock_now(portal->clock), "site", ret->site->id,
                            call->request.trace_id);
    (void)snprintf(ret->sender.id, sizeof ret->sender.id, NOTICE_SITE "%s", ret->site->id);
    ret->sender.name = ret->site->name;
    ret->sender.note = (struct note){.channel = NOTE_SITE,
                                     .receiver = ret->site->id,
                                     .receiver_name = ret->site->name,
                                     .why = {"サイトとの連携", "You have linked the site"}};
    return 0;
}

static enum site_problem problem_of(enum notice_outcome outcome)
{
    static const enum site_problem places[] = {
        [NOTICE_IS_OFF] = SITE_SWITCHED_OFF,
        [NOTICE_IS_TOO_MANY] = SITE_TOO_MANY,
        [NOTICE_KEY_IS_USED] = SITE_KEY_USED,
    };

    return places[outcome];
}

/* Whom the site calls so is looked for where the notice is written: linkages end. */
static int send(const struct portal *portal, const struct sending *sending, const char *sub,
                struct notice_letter *letter, char ret_id[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char account[PORTAL_ID_SIZE];
    enum notice_outcome outcome;
    int rc;

    TRY(db_begin(portal_store_db(portal->store), &txn, err));
    rc = site_linkage_whose(&txn, sending->site->id, sub, account, err);
    if (rc == -ERR_ABSENT)
        return refuse(SITE_NOT_LINKED, err);
    TRY(rc);
    letter->account = account;
    TRY(notice_letter_send(&txn, letter, &sending->by, ret_id, &outcome, err));
    return outcome == NOTICE_IS_SENT ? db_commit(&txn, err) : refuse(problem_of(outcome), err);
}

static int post_notice(struct http_call *call, struct err *err)
{
    struct notice_letter letter = {.account = NULL};
    char id[PORTAL_ID_SIZE], link[NOTICE_LINK_MAX + 1];
    struct sending sending;
    const char *sub;

    TRY(open_sending(call, &sending, err));
    TRY(notice_letter_read(call->request.json, call->request.body, &letter, err));
    TRY(json_get_text(call->request.json, "sub", &sub, err));
    (void)snprintf(link, sizeof link, "linkage/%s", sending.site->id);
    letter.sender = &sending.sender;
    letter.link = link;
    TRY(send(call->context, &sending, sub, &letter, id, err));
    return notice_letter_reply(call, id, err);
}

static int get_notice(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct notice_sent sent = {.id = http_param(&call->request, "id")};
    struct sending sending;
    struct json *body;
    int rc;

    TRY(open_sending(call, &sending, err));
    sent.sender = sending.sender.id;
    rc = notice_sent_tell(portal_store_db(portal->store), &sent, &body, err);
    if (rc == -ERR_ABSENT)
        return refuse(SITE_NO_NOTICE, err);
    TRY(rc);
    return http_reply_json(&call->response, 200, body, err);
}

static int delete_notice(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct notice_sent sent = {.id = http_param(&call->request, "id")};
    struct sending sending;
    int rc;

    TRY(open_sending(call, &sending, err));
    sent.sender = sending.sender.id;
    rc = notice_sent_take_back(portal_store_db(portal->store), &sent, &sending.sender, &sending.by,
                               err);
    if (rc == -ERR_ABSENT)
        return refuse(SITE_NO_NOTICE, err);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

#define FAILS (HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT))

static const struct http_member letter_members[] = {
    {"sub", HTTP_TEXT, HTTP_REQUIRED, "to whom: what this site alone calls the person",
     .form = &portal_id_form},
    NOTICE_LETTER_MEMBERS};

const struct route portal_site_notice_routes[] = {
    {.method = HTTP_POST,
     .path = SITE_ISSUER "/notices",
     .access = &with_token,
     .body = letter_members,
     .handle = post_notice,
     .operation = "sendSiteNotice",
     .summary = "Send a notice, as a site, to somebody who has linked it",
     .answers = notice_letter_answers,
     .fails = FAILS,
     .problems = problems},
    {.method = HTTP_GET,
     .path = SITE_ISSUER "/notices/:id",
     .access = &with_token,
     .handle = get_notice,
     .operation = "getSiteNotice",
     .summary = "Read when it was sent, and whether it was taken back",
     .answers = notice_sent_answers,
     .fails = FAILS,
     .problems = problems},
    {.method = HTTP_DELETE,
     .path = SITE_ISSUER "/notices/:id",
     .access = &with_token,
     .handle = delete_notice,
     .operation = "takeSiteNoticeBack",
     .summary = "Take a notice back",
     .answers = notice_taken_answers,
     .fails = FAILS,
     .problems = problems},
    {.path = NULL},
};
