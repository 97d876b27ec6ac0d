/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions of pages. Whoever is not let in gets a problem without the fields that would let his
 * page read it. Whoever is gets 200 and one word, and everything else is told the person.
 */
#include "base/clock.h"
#include "programs/jpki/agent/agent.h"
#include "programs/jpki/agent/page.h"
#include "programs/jpki/answer.h"

#include <stdio.h>

static const char *const outcomes[] = {
    [AGENT_ANSWERED] = "answered", [AGENT_DECLINED] = "declined", [AGENT_BUSY] = "busy",
    [AGENT_TOO_MANY] = "too_many", [AGENT_FAILED] = "failed",     NULL,
};

struct login_question {
    const char *address, *code;
};

/* From the challenge to the answer; *ret_asked: the person was shown the window. */
static int answer_login(const struct agent *agent, const struct login_question *question,
                        enum agent_outcome *ret, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.remote = NULL};
    CLEANUP(answer_pins_done) struct answer_pins pins = {SECRET_INIT, SECRET_INIT};
    const char *path;
    int rc;

    TRY(answer_at(&answer, question->address, &path, err));
    if (path != NULL)
        return FAIL(err, ERR_INPUT, "this is no address of a login");
    TRY(answer_card(&answer, &agent->card, &agent->pin, err));
    TRY(answer_tell(&answer, err));
    rc = answer_ask(&answer, &agent->pin, &pins, err);
    if (rc == -ERR_DENIED)
        *ret = AGENT_DECLINED;
    TRY(rc);
    TRY(answer_sign(&answer, &agent->pin, &pins, err));
    return answer_send(&answer, question->code, err);
}

static bool is_allowed(struct agent *agent, const char *origin)
{
    bool is_allowed;

    (void)pthread_mutex_lock(&agent->lock);
    is_allowed = rate_take(&agent->rate, origin, monotonic_ms());
    (void)pthread_mutex_unlock(&agent->lock);
    return is_allowed;
}

static enum agent_outcome ask(struct agent *agent, const char *origin,
                              const struct login_question *question)
{
    enum agent_outcome outcome = AGENT_FAILED;
    struct err err = {0};

    if (pthread_mutex_trylock(&agent->question) != 0)
        return AGENT_BUSY;
    if (!is_allowed(agent, origin))
        outcome = AGENT_TOO_MANY;
    else if (answer_login(agent, question, &outcome, &err) == 0)
        outcome = AGENT_ANSWERED;
    (void)pthread_mutex_unlock(&agent->question);
    (void)fprintf(stderr, "jpki: %s: %s%s%s\n", origin, outcomes[outcome],
                  err.text[0] != '\0' ? ": " : "", err.text);
    return outcome;
}

static int post_login(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct login_question question = {.address = http_query(&call->request, "address")};
    enum agent_outcome outcome;

    TRY(page_check(call, question.address, err));
    TRY(json_get_text(call->request.json, "code", &question.code, err));
    if (!challenge_is_code(question.code))
        return FAIL(err, ERR_INPUT, "the code of a login is %d digits", CHALLENGE_CODE_LEN);
    outcome = ask(call->context, page_origin(call), &question);
    TRY(json_put_text(body, "outcome", outcomes[outcome], err));
    TRY(http_reply_json(&call->response, 200, json_steal(&body), err));
    return page_allow(call, err);
}

static int options_login(struct http_call *call, struct err *err)
{
    TRY(page_check(call, http_query(&call->request, "address"), err));
    return page_preflight(call, err);
}

static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};

static const struct http_member login_query[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "of the login, at the origin of the page"},
    {NULL},
};
static const struct http_member login_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as the page shows it", .form = &code_form},
    {NULL},
};
static const struct http_member outcome_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "how it went", .values = outcomes},
    {NULL},
};
static const struct http_answer outcome_answers[] = {
    {200, "the person was asked, or why not", outcome_members}, {0}};
static const struct http_answer preflight_answers[] = {{204, "the page may ask"}, {0}};

const struct route agent_routes[] = {
    {.method = HTTP_OPTIONS,
     .path = "/v1/logins",
     .access = &agent_page,
     .query = login_query,
     .handle = options_login,
     .operation = "mayAskForLogin",
     .summary = "Whether a page may ask",
     .answers = preflight_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/logins",
     .access = &agent_page,
     .query = login_query,
     .body = login_members,
     .handle = post_login,
     .operation = "askForLogin",
     .summary = "Answer the login that a page shows",
     .answers = outcome_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

const struct http_about agent_about = {
    .name = "jpki-agent",
    .title = "OpenJPKI agent",
    .text = "For pages of a login, in a browser on the computer with the card reader.",
};
