/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card reader of the computer that the browser runs on, by jpki agent (docs/card-protocol.md).
 * The part is hidden until the script shows it, and everything works without it.
 */
#include "authapp/page/agent.h"

#include "authapp/authapp.h"
#include "authapp/routes.h"
#include "base/i18n.h"

#define SCRIPT_PATH AUTHAPP_REALM "/agent.js"
#define SCRIPT_TYPE "text/javascript; charset=utf-8"

static const char script[] =
    "\"use strict\";\n"
    "const part = document.getElementById(\"agent\");\n"
    "const button = part.querySelector(\"button\");\n"
    "const said = part.querySelector(\"[role=status]\");\n"
    "button.addEventListener(\"click\", async () => {\n"
    "  let outcome = \"absent\";\n"
    "  button.disabled = true;\n"
    "  said.textContent = \"\";\n"
    "  try {\n"
    "    const answer = await fetch(\"" PAGE_AGENT_ORIGIN
    "/v1/logins?address=\" + encodeURIComponent(part.dataset.address),\n"
    "      {method: \"POST\", headers: {\"Content-Type\": \"application/json\"},\n"
    "       body: JSON.stringify({code: part.dataset.code})});\n"
    "    outcome = (await answer.json()).outcome;\n"
    "  } catch { /* nobody listens, or it does not let this page ask */ }\n"
    "  said.textContent = part.dataset[outcome] ?? part.dataset.failed;\n"
    "  button.disabled = false;\n"
    "});\n"
    "part.hidden = false;\n";

/* What the agent says (jpki-agent(1)), for the person. */
static const struct {
    const char *outcome, *msgid;
} words[] = {
    {"absent", N_("No program that can use a card answers on this computer: start jpki agent.")},
    {"answered", N_("The card has answered.")},
    {"declined", N_("You closed the window.")},
    {"busy", N_("Another window is asking for a PIN already.")},
    {"too_many", N_("This was asked too often. Wait a minute.")},
    {"failed", N_("The card did not answer. jpki agent says why.")},
};

static int put_attribute(struct page *page, const char *name, const char *value, struct err *err)
{
    TRY(html_put(page, " data-", err));
    TRY(html_put(page, name, err));
    TRY(html_put(page, "=\"", err));
    TRY(html_put_text(page, value, err));
    return html_put(page, "\"", err);
}

int html_put_agent(struct page *page, const char *address, const char *code, struct err *err)
{
    TRY(html_put(page, "<p id=\"agent\" hidden", err));
    TRY(put_attribute(page, "address", address, err));
    TRY(put_attribute(page, "code", code, err));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        TRY(put_attribute(page, words[i].outcome, i18n_text(page->words, words[i].msgid), err));
    TRY(html_put(page, "><button type=\"button\">", err));
    TRY(html_put_words(page, N_("Use the card reader of this computer"), err));
    TRY(html_put(page,
                 "</button> <span role=\"status\"></span></p>\n"
                 "<script src=\"" SCRIPT_PATH "\" defer></script>\n",
                 err));
    page->asks_agent = true;
    return 0;
}

static int get_script(struct http_call *call, struct err *err)
{
    TRY(http_reply_bytes(&call->response, 200, SCRIPT_TYPE, BYTES_LITERAL(script), err));
    TRY(http_reply_field(&call->response, "X-Content-Type-Options", "nosniff", err));
    return http_reply_field(&call->response, "Cache-Control", "max-age=3600", err);
}

static const struct http_answer script_answers[] = {{200, "the script", .type = SCRIPT_TYPE}, {0}};

const struct route authapp_agent_routes[] = {
    {.method = HTTP_GET,
     .path = SCRIPT_PATH,
     .access = &http_anyone,
     .handle = get_script,
     .is_inline = true,
     .operation = "getAgentScript",
     .summary = "What asks the card reader of the browser's computer",
     .answers = script_answers},
    {.path = NULL},
};
