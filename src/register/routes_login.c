/* SPDX-License-Identifier: Apache-2.0 */
/* Clerks log in with their auth key (crypto/bound.h), and out. */
#include "register/routes.h"

#include "base/hex.h"
#include "http/cookie.h"
#include "register/acts.h"
#include "register/desk.h"
#include "register/refusal.h"

#include <string.h>

static int put_issuers(const struct anchors *anchors, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *issuers = json_array_new();

    for (size_t i = 0; i < anchors_count(anchors); i++) {
        CLEANUP(buf_done) struct buf hex = BUF_INIT;
        const char *text;

        TRY(hex_append(&hex, x509_cert_tbs(anchors_at(anchors, i))->subject_key_id, err));
        TRY(buf_text(&hex, &text, err));
        TRY(json_add_text(issuers, text, err));
    }
    return json_put(body, "issuers", json_steal(&issuers), err);
}

static int post_challenge(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct login_challenge challenge;
    const char *place;

    TRY(register_check_desk(call, err));
    TRY(json_get_text(call->request.json, "counter", &place, err));
    TRY(clerk_counter_check(place, counter->municipalities, err));
    TRY(sessions_challenge(counter->desk->sessions, place, register_peer(call),
                           clock_now(counter->clock), &challenge, err));
    TRY(json_put_text(body, "origin", desk_origin(counter->desk, challenge.uid), err));
    TRY(json_put_text(body, "counter", challenge.counter, err));
    TRY(json_put_text(body, "session", challenge.id, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(challenge.nonce), err));
    TRY(json_put_int(body, "expires_at", challenge.expires_at, err));
    TRY(put_issuers(counter->desk->anchors, body, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* Whose card it is; only who has proved to have it learns anything of that. */
static int find_clerk(const struct counter *counter, struct bytes certificate, const char *place,
                      struct clerk *ret, struct err *err)
{
    struct digest digest;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, certificate, &digest, err));
    rc = register_find_clerk(counter->store, digest.value, ret, err);
    if (rc == -ERR_ABSENT)
        return refuse(err, REFUSED_UNKNOWN);
    TRY(rc);
    if (ret->is_blocked)
        return refuse(err, REFUSED_BLOCKED);
    return clerk_is_of_counter(ret, place) ? 0 : refuse(err, REFUSED_PLACE);
}

/* Who could sign nothing does not log in. */
static int check_sign_certificate(const struct counter *counter, const struct clerk *clerk,
                                  struct err *err)
{
    struct prover prover = desk_prover(counter);

    return proof_of_standing(&prover, CERT_SIGN, clerk->card.serial, err);
}

static int prove(const struct counter *counter, const struct login_challenge *challenge,
                 struct bytes certificate, struct bytes signature, struct err *err)
{
    struct prover prover = desk_prover(counter);
    const struct bound bound = {
        .origin = desk_origin(counter->desk, challenge->uid),
        .client_id = challenge->counter,
        .session = challenge->id,
        .nonce = BYTES_ARRAY(challenge->nonce),
        .expires_at = challenge->expires_at,
    };

    return proof_of_login(&prover, &bound, certificate, signature, err);
}

int register_put_roles(struct json *body, unsigned roles, struct err *err)
{
    CLEANUP(json_freep) struct json *names = json_array_new();

    for (unsigned role = 0; role < CLERK_ROLES_; role++) {
        if ((roles & CLERK_ROLE_BIT(role)) != 0)
            TRY(json_add_text(names, clerk_role_names[role], err));
    }
    return json_put(body, "roles", json_steal(&names), err);
}

static int set_cookie(struct http_call *call, const char *value, int64_t seconds, struct err *err)
{
    const char *name = register_cookie_name(call->context);
    const struct http_cookie cookie = {.name = name,
                                       .value = value,
                                       .same_site = "Strict",
                                       .seconds = seconds,
                                       .is_secure = strcmp(name, DOOR_COOKIE) == 0};

    return http_cookie_set(&call->response, &cookie, err);
}

/* A program is told the token; a browser's scripts are told what they show with each change. */
static int put_secret(struct http_call *call, const char *token, struct json *body, struct err *err)
{
    char csrf[REGISTER_CSRF_SIZE];

    if (register_peer(call) != BROWSER_UID)
        return json_put_text(body, "token", token, err);
    TRY(register_csrf(token, csrf, err));
    return json_put_text(body, "csrf", csrf, err);
}

static int put_session(struct json *body, const struct http_call *call, const struct clerk *clerk,
                       const struct session *session, struct err *err)
{
    const struct counter *counter = call->context;

    TRY(json_put_text(body, "origin", desk_origin(counter->desk, session->uid), err));
    TRY(json_put_text(body, "session", session->id, err));
    TRY(json_put_text(body, "clerk", clerk->id, err));
    TRY(json_put_text(body, "name", clerk->name, err));
    TRY(json_put_text(body, "counter", session->counter, err));
    TRY(json_put_int(body, "expires_at", session->expires_at, err));
    return register_put_roles(body, clerk->roles, err);
}

static int session_reply(struct http_call *call, const struct clerk *clerk,
                         const struct session *session, const char *token, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put_secret(call, token, body, err));
    TRY(put_session(body, call, clerk, session, err));
    TRY(http_reply_json(&call->response, 201, json_steal(&body), err));
    return session->uid == BROWSER_UID ? set_cookie(call, token, SESSION_SECONDS, err) : 0;
}

static int get_session(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct session session;
    struct clerk clerk;
    const char *token;

    TRY(register_session(call, &session, err));
    TRY(register_token(call, &token, err));
    TRY(register_get_clerk(counter->store, session.clerk, &clerk, err));
    TRY(put_secret(call, token, body, err));
    TRY(put_session(body, call, &clerk, &session, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int open_session(struct http_call *call, const struct login_challenge *challenge,
                        const struct clerk *clerk, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = audit_by_role(clock_now(counter->clock), "clerk", clerk->id,
                                                 call->request.trace_id);
    struct session session = {.card = clerk->card, .uid = challenge->uid, .good_at = by.at};
    char token[SESSION_TOKEN_LEN + 1];
    int rc;

    memcpy(session.id, challenge->id, sizeof session.id);
    memcpy(session.clerk, clerk->id, sizeof session.clerk);
    memcpy(session.counter, challenge->counter, sizeof session.counter);
    TRY(register_note_login(counter->store, clerk->id, session.counter, &by, err));
    TRY(sessions_open(counter->desk->sessions, &session, by.at, token, err));
    rc = session_reply(call, clerk, &session, token, err);
    wipe(token, sizeof token);
    return rc;
}

static int post_session(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct login_challenge challenge;
    struct clerk clerk;
    const char *id;

    TRY(register_check_desk(call, err));
    TRY(json_get_text(json, "session", &id, err));
    TRY(json_get_base64(json, "certificate", &certificate, err));
    TRY(json_get_base64(json, "signature", &signature, err));
    TRY(sessions_take(counter->desk->sessions, id, register_peer(call), clock_now(counter->clock),
                      &challenge, err));
    TRY(prove(counter, &challenge, buf_bytes(&certificate), buf_bytes(&signature), err));
    TRY(find_clerk(counter, buf_bytes(&certificate), challenge.counter, &clerk, err));
    TRY(check_sign_certificate(counter, &clerk, err));
    return open_session(call, &challenge, &clerk, err);
}

static int delete_session(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    struct session session;

    TRY(register_session(call, &session, err));
    sessions_close(counter->desk->sessions, session.id);
    http_reply_empty(&call->response, 204);
    return session.uid == BROWSER_UID ? set_cookie(call, "", 0, err) : 0;
}

const struct http_form register_counter_form = {"^[0-9]{5}[0-9A-Z]{4}$",
                                                "code of the municipality, four characters"};
const struct http_form register_id_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form token_form = {"^[0-9a-f]{64}$", "64 hexadecimal digits"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "40 hexadecimal digits"};

static const struct http_member counter_members[] = {
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "where the clerk sits; 00000 serves all municipalities",
     .form = &register_counter_form},
    {NULL},
};
static const struct http_member challenge_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "what is signed as the register's address"},
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "as it was given", .form = &register_counter_form},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "what the session will be called",
     .form = &register_id_form},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "32 random octets", .form = &http_form_base64},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds; no answer is taken later"},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards are taken",
     .form = &key_id_form},
    {NULL},
};
static const struct http_answer challenge_answers[] = {{201, "the challenge", challenge_members},
                                                       {0}};

static const struct http_member answer_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "of the challenge", .form = &register_id_form},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "the card's auth certificate, DER",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "by its key, over the message of a login",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member session_members[] = {
    {"token", HTTP_TEXT, HTTP_OPTIONAL,
     "what a program's requests are sent with; a browser has it as a cookie", .form = &token_form},
    {"csrf", HTTP_TEXT, HTTP_OPTIONAL, "what a browser shows in X-CSRF-Token with each change",
     .form = &token_form},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "what is signed as the register's address"},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "what filings name", .form = &register_id_form},
    {"clerk", HTTP_TEXT, HTTP_REQUIRED, "who logged in", .form = &register_id_form},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "the clerk's name"},
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "where", .form = &register_counter_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds: when the session ends"},
    {"roles", HTTP_ARRAY, HTTP_REQUIRED, "what the clerk may do", .values = clerk_role_names},
    {NULL},
};
static const struct http_answer session_answers[] = {{201, "the session", session_members}, {0}};
static const struct http_answer own_answers[] = {{200, "the session", session_members}, {0}};
static const struct http_answer closed_answers[] = {{204, "the session is over"}, {0}};

const struct route register_login_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/challenges",
     .access = &register_program,
     .body = counter_members,
     .handle = post_challenge,
     .operation = "openLogin",
     .summary = "Begin to log in at a counter",
     .answers = challenge_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/sessions",
     .access = &register_program,
     .body = answer_members,
     .handle = post_session,
     .operation = "logIn",
     .summary = "Answer a challenge with a clerk's card",
     .answers = session_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/sessions/own",
     .access = &register_clerk,
     .handle = get_session,
     .operation = "getOwnSession",
     .summary = "Read who is logged in",
     .answers = own_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions/own",
     .access = &register_clerk,
     .handle = delete_session,
     .operation = "logOut",
     .summary = "End the session",
     .answers = closed_answers},
    {.path = NULL},
};
