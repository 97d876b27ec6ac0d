/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions of pages where somebody applies for something: fill the form from the card, sign it
 * (docs/card-protocol.md). Both are at an address with a code, as logins are. A form's is at the
 * page's own origin; what is signed may be at another one, of a service that has it signed for the
 * page's origin and says so.
 */
#include "http/answer.h"
#include "programs/jpki/agent/agent.h"
#include "programs/jpki/agent/page.h"
#include "programs/jpki/order_steps.h"
#include "programs/jpki/outside.h"
#include "programs/jpki/read/form.h"

#include <string.h>

/* ---- filling a form ---- */

static int ask_form_pin(const struct agent *agent, const struct form *form, struct secret *ret,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct pin_options asking = agent->pin;

    TRY(buf_copy(buf_bytes(&form->text), &text, err));
    TRY(buf_text(&text, &asking.description, err));
    return pin_ask(ICC_PIN_TEXT, &asking, form->left, ret, err);
}

static int fill_form(const struct agent *agent, struct agent_question *question, struct err *err)
{
    CLEANUP(form_done) struct form form = {.remote = NULL};
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;

    TRY(form_at(&form, question->address, err));
    TRY(form_card(&form, &agent->card, &agent->pin, agent->anchors, err));
    TRY(form_tell(&form, err));
    TRY(agent_note_asked(question, ask_form_pin(agent, &form, &pin, err)));
    TRY(form_read(&form, &agent->pin, &pin, err));
    return form_send(&form, question->code, err);
}

static int post_form(struct http_call *call, struct err *err)
{
    struct agent_question question = {.origin = page_origin(call),
                                      .address = http_query(&call->request, "address")};

    TRY(page_check(call, question.address, err));
    TRY(agent_take_code(call, &question, err));
    agent_ask(call->context, fill_form, &question);
    return agent_reply(call, &question, err);
}

static int options_form(struct http_call *call, struct err *err)
{
    TRY(page_check(call, http_query(&call->request, "address"), err));
    return page_preflight(call, err);
}

/* ---- signing ---- */

static int ask_password(const struct agent *agent, const struct order *order, struct secret *ret,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct pin_options asking = agent->pin;

    TRY(buf_copy(buf_bytes(&order->head), &text, err));
    TRY(buf_append(&text, buf_bytes(&order->text), err));
    TRY(buf_text(&text, &asking.description, err));
    return pin_ask(ICC_PIN_SIGN, &asking, order->left, ret, err);
}

/* The page's own signing, or one that its service has made for it. */
static int check_asker(const struct order *order, struct agent_question *question, struct err *err)
{
    question->is_foreign = strcmp(order->signing.provider_origin, question->origin) != 0 &&
                           strcmp(remote_origin(order->remote), question->origin) != 0;
    if (question->is_foreign)
        return FAIL(err, ERR_DENIED, "this page has nothing signed there");
    return 0;
}

static int sign_order(const struct agent *agent, struct agent_question *question, struct err *err)
{
    CLEANUP(order_done) struct order order = {.remote = NULL};
    CLEANUP(secret_done) struct secret password = SECRET_INIT;

    TRY(order_at(&order, question->address, err));
    TRY(check_asker(&order, question, err));
    TRY(order_get_document(&order, NULL, err));
    TRY(order_tell(&order, err));
    TRY(order_card(&order, &agent->card, &agent->pin, err));
    TRY(agent_note_asked(question, ask_password(agent, &order, &password, err)));
    TRY(order_sign_by(&order, &agent->pin, &password, err));
    return order_send(&order, question->code, err);
}

/* A page from elsewhere has nothing asked of services on this computer. */
static int check_place(const struct http_call *call, struct err *err)
{
    const char *url = http_query(&call->request, "address");
    static const char here[] = "http://";
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    if (strncmp(origin.text, here, sizeof here - 1) == 0 &&
        strncmp(page_origin(call), here, sizeof here - 1) != 0)
        return FAIL(err, ERR_DENIED, "this page is not of this computer, and the address is");
    return 0;
}

static int post_signing(struct http_call *call, struct err *err)
{
    struct agent_question question = {.origin = page_origin(call),
                                      .address = http_query(&call->request, "address")};

    TRY(check_place(call, err));
    TRY(agent_take_code(call, &question, err));
    agent_ask(call->context, sign_order, &question);
    if (question.is_foreign)
        return FAIL(err, ERR_DENIED, "this page has nothing signed there");
    return agent_reply(call, &question, err);
}

static int options_signing(struct http_call *call, struct err *err)
{
    TRY(check_place(call, err));
    return page_preflight(call, err);
}

const struct route agent_applying_routes[] = {
    {.method = HTTP_OPTIONS,
     .path = "/v1/readings",
     .access = &agent_page,
     .query = agent_address_query,
     .handle = options_form,
     .operation = "mayAskForReading",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/readings",
     .access = &agent_page,
     .query = agent_address_query,
     .body = agent_code_members,
     .handle = post_form,
     .operation = "askForReading",
     .summary = "Fill the form that a page shows from the card",
     .answers = agent_outcome_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_OPTIONS,
     .path = "/v1/signings",
     .access = &agent_page,
     .query = agent_address_query,
     .handle = options_signing,
     .operation = "mayAskForSigning",
     .summary = "Whether a page may ask",
     .answers = agent_preflight_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/signings",
     .access = &agent_page,
     .query = agent_address_query,
     .body = agent_code_members,
     .handle = post_signing,
     .operation = "askForSigning",
     .summary = "Sign what a service has signed for the page's origin",
     .answers = agent_outcome_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
