/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions of pages. Whoever is not let in gets a problem without the fields that would let his
 * page read it. Whoever is gets 200 and one word, and everything else is told the person.
 */
#include "base/clock.h"
#include "holder/web_eid.h"
#include "http/answer.h"
#include "programs/jpki/agent/agent.h"
#include "programs/jpki/agent/page.h"
#include "programs/jpki/answer.h"

#include <stdio.h>

const char *const agent_outcomes[] = {
    [AGENT_ANSWERED] = "answered", [AGENT_DECLINED] = "declined", [AGENT_BUSY] = "busy",
    [AGENT_TOO_MANY] = "too_many", [AGENT_FAILED] = "failed",     NULL,
};

int agent_note_asked(struct agent_question *question, int rc)
{
    if (rc == -ERR_DENIED)
        question->outcome = AGENT_DECLINED;
    return rc;
}

/* From the challenge to the answer. */
static int answer_login(const struct agent *agent, struct agent_question *question, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.remote = NULL};
    CLEANUP(answer_pins_done) struct answer_pins pins = {SECRET_INIT, SECRET_INIT};
    const char *path;

    TRY(answer_at(&answer, question->address, &path, err));
    if (path != NULL)
        return FAIL(err, ERR_INPUT, "this is no address of a login");
    TRY(answer_card(&answer, &agent->card, &agent->pin, err));
    TRY(answer_tell(&answer, err));
    TRY(agent_note_asked(question, answer_ask(&answer, &agent->pin, &pins, err)));
    TRY(answer_sign(&answer, &agent->pin, &pins, err));
    return answer_send(&answer, question->code, err);
}

static int make_token(const struct agent *agent, struct agent_question *question, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct web_eid_wish wish = {.origin = question->origin,
                                .nonce = question->nonce,
                                .pin = &pin,
                                .may_use_last_try = agent->pin.last_try};
    struct pin_options asking = agent->pin;
    unsigned left;

    TRY(open_card(&agent->card, &icc, err));
    TRY(pin_is_usable(icc, ICC_PIN_AUTH, &agent->pin, &left, err));
    TRY(buf_append_format(&text, err, tr("Logging in to %s by Web eID.\n"), question->origin));
    TRY(buf_append_text(&text,
                        tr("It gets your authentication certificate, whose serial number is the "
                           "same for everybody you show it to."),
                        err));
    TRY(buf_text(&text, &asking.description, err));
    TRY(agent_note_asked(question, pin_ask(ICC_PIN_AUTH, &asking, left, &pin, err)));
    wish.now = clock_now(&clock_system);
    return web_eid_sign(&wish, icc, &question->answer, err);
}

static bool is_allowed(struct agent *agent, const char *origin)
{
    bool is_allowed;

    (void)pthread_mutex_lock(&agent->lock);
    is_allowed = rate_take(&agent->rate, origin, monotonic_ms());
    (void)pthread_mutex_unlock(&agent->lock);
    return is_allowed;
}

void agent_ask(struct agent *agent, agent_answer_fn *answer, struct agent_question *question)
{
    struct err err = {0};

    if (pthread_mutex_trylock(&agent->question) != 0) {
        question->outcome = AGENT_BUSY;
        return;
    }
    question->outcome = AGENT_FAILED;
    if (!is_allowed(agent, question->origin))
        question->outcome = AGENT_TOO_MANY;
    else if (answer(agent, question, &err) == 0)
        question->outcome = AGENT_ANSWERED;
    (void)pthread_mutex_unlock(&agent->question);
    (void)fprintf(stderr, "jpki: %s: %s%s%s\n", question->origin, agent_outcomes[question->outcome],
                  err.text[0] != '\0' ? ": " : "", err.text);
}

int agent_reply(struct http_call *call, struct agent_question *question, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = json_steal(&question->answer);

    TRY(json_put_text(body, "outcome", agent_outcomes[question->outcome], err));
    if (answer != NULL)
        TRY(json_put(body, question->key, json_steal(&answer), err));
    TRY(http_reply_json(&call->response, 200, json_steal(&body), err));
    return page_allow(call, err);
}

int agent_take_code(const struct http_call *call, struct agent_question *question, struct err *err)
{
    return json_get_text(call->request.json, "code", &question->code, err);
}

static int post_login(struct http_call *call, struct err *err)
{
    struct agent_question question = {.origin = page_origin(call),
                                      .address = http_query(&call->request, "address")};

    TRY(page_check(call, question.address, err));
    TRY(agent_take_code(call, &question, err));
    agent_ask(call->context, answer_login, &question);
    return agent_reply(call, &question, err);
}

static int options_login(struct http_call *call, struct err *err)
{
    TRY(page_check(call, http_query(&call->request, "address"), err));
    return page_preflight(call, err);
}

static int check_web_eid(const struct http_call *call, struct err *err)
{
    const struct agent *agent = call->context;

    if (!agent->web_eid)
        return FAIL(err, ERR_ABSENT, "tokens of Web eID are made only if jpki agent has --web-eid");
    return 0;
}

static int post_web_eid(struct http_call *call, struct err *err)
{
    struct agent_question question = {.origin = page_origin(call), .key = "token"};
    struct digest digest;

    TRY(check_web_eid(call, err));
    TRY(json_get_text(call->request.json, "nonce", &question.nonce, err));
    TRY(web_eid_digest(question.origin, question.nonce, &digest, err));
    agent_ask(call->context, make_token, &question);
    return agent_reply(call, &question, err);
}

static int options_web_eid(struct http_call *call, struct err *err)
{
    TRY(check_web_eid(call, err));
    return page_preflight(call, err);
}

static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};

const struct http_member agent_address_query[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "of what the card is asked for"},
    {NULL},
};
const struct http_member agent_code_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as the page shows it", .form = &code_form},
    {NULL},
};
static const struct http_member outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = agent_outcomes},
    {NULL},
};
const struct http_answer agent_outcome_answers[] = {
    {200, "the person was asked, or why not", outcome_members}, {0}};
static const struct http_member web_eid_members[] = {
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "of the site, once: 44 to 128 characters of base64",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member token_members[] = {
    {"unverifiedCertificate", HTTP_TEXT, HTTP_REQUIRED, "the auth certificate",
     .form = &http_form_base64},
    {"algorithm", HTTP_TEXT, HTTP_REQUIRED, "RS256"},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "over hashes of origin and nonce",
     .form = &http_form_base64},
    {"format", HTTP_TEXT, HTTP_REQUIRED, "web-eid:1.0"},
    {NULL},
};
static const struct http_member web_eid_outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = agent_outcomes},
    {"token", HTTP_OBJECT, HTTP_OPTIONAL, "if it was answered", token_members},
    {NULL},
};
static const struct http_answer web_eid_answers[] = {
    {200, "the person was asked, or why not", web_eid_outcome_members}, {0}};
const struct http_answer agent_preflight_answers[] = {{204, "the page may ask"}, {0}};

const struct route agent_login_routes[] = {
    {.method = HTTP_OPTIONS,
     .path = "/v1/logins",
     .access = &agent_page,
     .query = agent_address_query,
     .handle = options_login,
     .operation = "mayAskForLogin",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/logins",
     .access = &agent_page,
     .query = agent_address_query,
     .body = agent_code_members,
     .handle = post_login,
     .operation = "askForLogin",
     .summary = "Answer the login that a page shows",
     .answers = agent_outcome_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_OPTIONS,
     .path = "/v1/web-eid",
     .access = &agent_page,
     .handle = options_web_eid,
     .operation = "mayAskForToken",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/web-eid",
     .access = &agent_page,
     .body = web_eid_members,
     .handle = post_web_eid,
     .operation = "askForToken",
     .summary = "Make a Web eID token for the page's origin",
     .answers = web_eid_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

const struct route *const agent_routes[] = {agent_login_routes, agent_applying_routes,
                                            agent_clerk_routes, NULL};

const struct http_about agent_about = {
    .name = "jpki-agent",
    .title = "OpenJPKI agent",
    .text =
        "For pages in a browser on the computer with the card reader: logins, forms, signatures.",
};
