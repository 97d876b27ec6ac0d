/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions of the pages of a register's counter: log in as a clerk, sign a request, apply to
 * become a clerk. What is signed is built here, and says that it is for the origin that the page is
 * of; all of it is shown before the PIN (docs/card-protocol.md).
 */
#include "base/clock.h"
#include "base/hex.h"
#include "clerk/order.h"
#include "http/answer.h"
#include "programs/jpki/agent/agent.h"
#include "programs/jpki/agent/page.h"

#include <stdio.h>
#include <string.h>

/* What is shown of a longer body: its beginning, and the hash of all of it. */
enum { ORDER_SHOWN_MAX = 2000 };

static int take_pin(const struct agent *agent, struct icc *icc, enum icc_pin which,
                    const struct buf *told, struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct pin_options asking = agent->pin;
    unsigned left;

    TRY(pin_is_usable(icc, which, &agent->pin, &left, err));
    TRY(buf_copy(buf_bytes(told), &text, err));
    TRY(buf_text(&text, &asking.description, err));
    return pin_ask(which, &asking, left, ret, err);
}

/* ---- logging in ---- */

static int tell_login(const struct agent_question *question, const struct challenge *challenge,
                      struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf counter = BUF_INIT;
    const char *text;

    TRY(append_shown(&counter, bytes_text(challenge->client_id), err));
    TRY(buf_text(&counter, &text, err));
    return buf_append_format(ret, err,
                             tr("Logging in to the register at %s, counter %s, as its clerk."),
                             question->origin, text);
}

static int log_in(const struct agent *agent, struct agent_question *question, struct err *err)
{
    const struct challenge *challenge = question->wish;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    struct challenge_signing with = {.origin = question->origin,
                                     .pin = &pin,
                                     .may_use_last_try = agent->pin.last_try,
                                     .now = clock_now(&clock_system)};

    TRY(open_card(&agent->card, &icc, err));
    TRY(challenge_check_time(challenge, with.now, err));
    TRY(challenge_check_card(challenge, icc, with.now, err));
    TRY(tell_login(question, challenge, &told, err));
    TRY(agent_note_asked(question, take_pin(agent, icc, ICC_PIN_AUTH, &told, &pin, err)));
    with.now = clock_now(&clock_system);
    TRY(challenge_sign(challenge, icc, &with, &proof, err));
    TRY(json_put_base64(answer, "certificate", x509_cert_der(proof.cert), err));
    TRY(json_put_base64(answer, "signature", buf_bytes(&proof.signature), err));
    question->answer = json_steal(&answer);
    return 0;
}

/* ---- signing ---- */

struct wish {
    struct clerk_session session; /* as far as it is signed */
    struct clerk_order order;
};

static int tell_body(const struct json *body, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *shown;

    if (body == NULL)
        return 0;
    TRY(json_write(body, &text, err));
    TRY(buf_append_text(ret, "\n", err));
    if (text.len <= ORDER_SHOWN_MAX)
        return append_shown(ret, buf_bytes(&text), err);
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &shown, err));
    TRY(append_shown(ret, bytes_part(buf_bytes(&text), 0, ORDER_SHOWN_MAX), err));
    return buf_append_format(ret, err, tr(" ... (%zu bytes, SHA-256 %s)"), text.len, shown);
}

static int tell_order(const struct agent_question *question, const struct wish *wish,
                      struct buf *ret, struct err *err)
{
    TRY(buf_append_format(ret, err, tr("Signing, as a clerk, for the register at %s:\n"),
                          question->origin));
    TRY(append_shown(ret, bytes_text(wish->session.counter), err));
    TRY(buf_append_text(ret, " ", err));
    TRY(append_shown(ret, bytes_text(wish->order.path), err));
    return tell_body(wish->order.body, ret, err);
}

static int sign_order(const struct agent *agent, struct agent_question *question, struct err *err)
{
    const struct wish *wish = question->wish;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    struct clerk_hand hand = {.pin = &pin, .may_use_last_try = agent->pin.last_try};

    TRY(open_card(&agent->card, &icc, err));
    TRY(tell_order(question, wish, &told, err));
    TRY(agent_note_asked(question, take_pin(agent, icc, ICC_PIN_SIGN, &told, &pin, err)));
    hand.icc = icc;
    hand.now = clock_now(&clock_system);
    return clerk_sign_order(&wish->session, &hand, &wish->order, &question->answer, err);
}

/* ---- applying ---- */

static int tell_wish(const struct agent_question *question, const struct clerk_wish *wish,
                     struct buf *ret, struct err *err)
{
    const char *const texts[] = {wish->name, wish->municipality, wish->window};

    TRY(buf_append_format(ret, err, tr("Applying to become a clerk of the register at %s:\n"),
                          question->origin));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (i > 0)
            TRY(buf_append_text(ret, " ", err));
        if (texts[i] != NULL)
            TRY(append_shown(ret, bytes_text(texts[i]), err));
    }
    return 0;
}

static int apply(const struct agent *agent, struct agent_question *question, struct err *err)
{
    const struct clerk_wish *wish = question->wish;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    struct clerk_hand hand = {.pin = &pin, .may_use_last_try = agent->pin.last_try};

    TRY(open_card(&agent->card, &icc, err));
    TRY(tell_wish(question, wish, &told, err));
    TRY(agent_note_asked(question, take_pin(agent, icc, ICC_PIN_SIGN, &told, &pin, err)));
    hand.icc = icc;
    hand.now = clock_now(&clock_system);
    return clerk_apply(&hand, wish, &question->answer, err);
}

/* ---- in JSON ---- */

static int check_clerk(const struct http_call *call, struct err *err)
{
    const struct agent *agent = call->context;

    if (!agent->clerk)
        return FAIL(err, ERR_ABSENT, "this is done for clerks only if jpki agent has --clerk");
    return 0;
}

static int check_origin(const struct http_call *call, struct err *err)
{
    const char *origin;

    TRY(check_clerk(call, err));
    TRY(json_get_text(call->request.json, "origin", &origin, err));
    if (strcmp(origin, page_origin(call)) != 0)
        return FAIL(err, ERR_DENIED, "this page is not of the origin that it asks for");
    return 0;
}

static int options_clerk(struct http_call *call, struct err *err)
{
    TRY(check_clerk(call, err));
    return page_preflight(call, err);
}

static int post_login(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct challenge challenge = {.session = ""};
    struct agent_question question = {
        .origin = page_origin(call), .wish = &challenge, .key = "proof"};
    const char *counter;

    TRY(check_origin(call, err));
    TRY(json_get_text(json, "counter", &counter, err));
    TRY(clerk_challenge_parse(json, counter, &challenge, err));
    agent_ask(call->context, log_in, &question);
    return agent_reply(call, &question, err);
}

static int post_order(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct wish wish = {.order = {.body = NULL}};
    struct agent_question question = {.origin = page_origin(call), .wish = &wish, .key = "filing"};
    CLEANUP(json_freep) struct json *body = NULL;
    const char *text;

    TRY(check_origin(call, err));
    (void)snprintf(wish.session.origin, sizeof wish.session.origin, "%s", question.origin);
    TRY(json_copy_text(json, "session", wish.session.id, sizeof wish.session.id, err));
    TRY(json_copy_text(json, "counter", wish.session.counter, sizeof wish.session.counter, err));
    TRY(json_get_text(json, "path", &wish.order.path, err));
    TRY(json_get_text(json, "request_id", &wish.order.request_id, err));
    if (json_has(json, "body")) {
        TRY(json_get_text(json, "body", &text, err));
        TRY(err_prefix(err, json_parse(bytes_text(text), &body, err), "body"));
        wish.order.body = body;
    }
    agent_ask(call->context, sign_order, &question);
    return agent_reply(call, &question, err);
}

static int post_application(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct clerk_wish wish = {.origin = page_origin(call)};
    struct agent_question question = {.origin = wish.origin, .wish = &wish, .key = "application"};

    TRY(check_origin(call, err));
    TRY(json_get_text(json, "name", &wish.name, err));
    TRY(json_get_text(json, "municipality", &wish.municipality, err));
    if (json_has(json, "window"))
        TRY(json_get_text(json, "window", &wish.window, err));
    agent_ask(call->context, apply, &question);
    return agent_reply(call, &question, err);
}

static const struct http_member login_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "of the register, which is that of the page"},
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "where the clerk sits"},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "as in the register's challenge"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "the same", .form = &http_form_base64},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the same"},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "the same; other cards are not used",
     .form = &(const struct http_form){"^[0-9a-f]{40}$", "40 hexadecimal digits"}},
    {NULL},
};
static const struct http_member proof_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "the auth certificate, DER",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "over the message of a login",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member proof_outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = agent_outcomes},
    {"proof", HTTP_OBJECT, HTTP_OPTIONAL, "if it was answered", proof_members},
    {NULL},
};
static const struct http_answer proof_answers[] = {
    {200, "the clerk was asked, or why not", proof_outcome_members}, {0}};
static const struct http_member order_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "of the register, which is that of the page"},
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "where the clerk sits"},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "what the session is called"},
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the request"},
    {"path", HTTP_TEXT, HTTP_REQUIRED, "what it is sent to"},
    {"body", HTTP_TEXT, HTTP_OPTIONAL, "what is told with it: JSON"},
    {NULL},
};
static const struct http_member filing_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "what was signed", .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "CMS, detached", .form = &http_form_base64},
    {NULL},
};
static const struct http_member filing_outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = agent_outcomes},
    {"filing", HTTP_OBJECT, HTTP_OPTIONAL, "if it was answered", filing_members},
    {NULL},
};
static const struct http_answer filing_answers[] = {
    {200, "the clerk was asked, or why not", filing_outcome_members}, {0}};

static const struct http_member wish_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "of the register, which is that of the page"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "who applies"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "where; 00000 for an office that serves all",
     .form = &(const struct http_form){"^[0-9]{5}$", "five digits"}},
    {"window", HTTP_TEXT, HTTP_OPTIONAL, "the only counter; any if it is not there",
     .form = &(const struct http_form){"^[0-9A-Z]{4}$", "four digits or capital letters"}},
    {NULL},
};
static const struct http_member application_members[] = {
    {"application", HTTP_TEXT, HTTP_REQUIRED, "what was signed", .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "CMS, detached", .form = &http_form_base64},
    {NULL},
};
static const struct http_member application_outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = agent_outcomes},
    {"application", HTTP_OBJECT, HTTP_OPTIONAL, "if it was answered", application_members},
    {NULL},
};
static const struct http_answer application_answers[] = {
    {200, "the person was asked, or why not", application_outcome_members}, {0}};

enum { FAILS = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) };

const struct route agent_clerk_routes[] = {
    {.method = HTTP_OPTIONS,
     .path = "/v1/clerk/logins",
     .access = &agent_page,
     .handle = options_clerk,
     .operation = "mayAskForClerkLogin",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = FAILS},
    {.method = HTTP_POST,
     .path = "/v1/clerk/logins",
     .access = &agent_page,
     .body = login_members,
     .handle = post_login,
     .operation = "askForClerkLogin",
     .summary = "Answer the challenge of a register's counter",
     .answers = proof_answers,
     .fails = FAILS},
    {.method = HTTP_OPTIONS,
     .path = "/v1/clerk/filings",
     .access = &agent_page,
     .handle = options_clerk,
     .operation = "mayAskForFiling",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = FAILS},
    {.method = HTTP_POST,
     .path = "/v1/clerk/filings",
     .access = &agent_page,
     .body = order_members,
     .handle = post_order,
     .operation = "askForFiling",
     .summary = "Sign a clerk's request to the register that the page is of",
     .answers = filing_answers,
     .fails = FAILS,
     .body_max = 4 * CLERK_BODY_MAX},
    {.method = HTTP_OPTIONS,
     .path = "/v1/clerk/applications",
     .access = &agent_page,
     .handle = options_clerk,
     .operation = "mayAskForApplication",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = FAILS},
    {.method = HTTP_POST,
     .path = "/v1/clerk/applications",
     .access = &agent_page,
     .body = wish_members,
     .handle = post_application,
     .operation = "askForApplication",
     .summary = "Sign that somebody is to become a clerk of the register that the page is of",
     .answers = application_answers,
     .fails = FAILS},
    {.path = NULL},
};
