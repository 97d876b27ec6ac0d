/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins as anybody: the sandbox's phone is told the address of a login and its code, as a person
 * tells them to the device that holds the card, and answers as that does. It is found at the
 * control API of the sandbox.
 */
#include "programs/jpki-authappd/powers_parts.h"

#include "authapp/page/html.h"
#include "authapp/routes.h"
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "http/oauth.h"
#include "sandbox/powers_file.h"
#include "sandbox/powers_http.h"

#include <stdlib.h>
#include <string.h>

enum { CONTROL_MS = 5000 };

#define PERSONA_FIELD     "X-JPKI-Sandbox-Persona"
#define PERSONA_PARAMETER "sandbox_persona"
/* Nobody: whoever opened the login chooses. */
#define NOBODY "-"

static int ask_control(const char *path, const struct json *body, struct fetch_response *ret,
                       struct err *err)
{
    const struct fetch_request request = {.socket = secure_getenv(SANDBOX_CONTROL_VARIABLE),
                                          .url = path,
                                          .body = body,
                                          .timeout_ms = CONTROL_MS};

    if (request.socket == NULL)
        return FAIL(err, ERR_REMOTE, "%s is not set: there is nobody who could answer logins",
                    SANDBOX_CONTROL_VARIABLE);
    return fetch(&request, ret, err);
}

/* What the request asked to go wrong on the holder's side. */
static int put_faults(struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        if (named_faults[i].way == NAMED_BY_HOLDER && (powers_asked() & UINT64_C(1) << i) != 0)
            TRY(json_add_text(list, named_faults[i].name, err));
    return json_put(body, "faults", json_steal(&list), err);
}

static int have_answered(const struct authapp *authapp, const struct login *login,
                         const char *persona, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *address = NULL;
    int rc;

    TRY(path_format(&address, err, "%s/v1/logins/%s", authapp->origin, login->session));
    TRY(json_put_text(body, "address", address, err));
    TRY(json_put_text(body, "code", login->code, err));
    TRY(json_put_text(body, "persona", persona, err));
    TRY(put_faults(body, err));
    rc = ask_control("/v1/logins", body, &answer, err);
    if (rc == -ERR_ABSENT || rc == -ERR_INPUT)
        return FAIL(err, ERR_INPUT, "there is no persona %.40s in this sandbox", persona);
    return rc;
}

/* The field of the request, then its parameter, then what is set for all. */
static const char *find_persona(const struct http_call *call, const struct http_fields *fields,
                                char set[SANDBOX_PERSONA_NAME_MAX + 1])
{
    const char *persona = http_header(&call->request, PERSONA_FIELD);

    if (persona == NULL)
        persona = http_form_get(fields, PERSONA_PARAMETER);
    if (persona == NULL) {
        powers_get_name(powers_http_page(), set);
        persona = set;
    }
    return persona[0] == '\0' || strcmp(persona, NOBODY) == 0 ? NULL : persona;
}

int people_answer_login(struct http_call *call, const char *session, bool *ret_is_answered,
                        struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    char set[SANDBOX_PERSONA_NAME_MAX + 1];
    struct http_fields fields = {NULL, 0};
    const char *persona;

    TRY(http_form_read(call, &fields, err));
    token_remember(http_form_get(&fields, "nonce"));
    persona = find_persona(call, &fields, set);
    *ret_is_answered = persona != NULL;
    if (persona == NULL)
        return 0;
    TRY(oidc_login_find(authapp, session, &found, err));
    return have_answered(authapp, &found.login, persona, err);
}

/* ---- the choice ---- */

static int put_option(struct page *page, const struct json *persona, struct err *err)
{
    const char *name = NULL;
    const char *full = NULL;
    const char *note = NULL;

    TRY(json_get_text(persona, "name", &name, err));
    TRY(json_get_text(persona, "full_name", &full, err));
    TRY(json_get_text(persona, "note", &note, err));
    TRY(html_put(page, "<option value=\"", err));
    TRY(html_put_text(page, name, err));
    TRY(html_put(page, "\">", err));
    TRY(html_put_text(page, full, err));
    TRY(html_put(page, " &#8212; ", err));
    TRY(html_put_text(page, name, err));
    if (strcmp(page->language, "en") == 0) { /* what is said of them is in English alone */
        TRY(html_put(page, ": ", err));
        TRY(html_put_text(page, note, err));
    }
    return html_put(page, "</option>\n", err);
}

static int put_form(struct page *page, const char *session, const struct json *personas,
                    struct err *err)
{
    TRY(html_put(page, "<form id=\"personas\" method=\"post\" action=\"" AUTHAPP_REALM "/login/",
                 err));
    TRY(html_put_text(page, session, err));
    TRY(html_put(page, "/persona\"><p><label for=\"persona\">", err));
    TRY(html_put_words(page, N_("Sandbox: log in as"), err));
    TRY(html_put(page, "</label>\n<select id=\"persona\" name=\"persona\">\n", err));
    for (size_t i = 0; i < json_count(personas); i++)
        TRY(put_option(page, json_at(personas, i), err));
    TRY(html_put(page, "</select>\n<button type=\"submit\">", err));
    TRY(html_put_words(page, N_("Log in"), err));
    return html_put(page, "</button></p></form>\n", err);
}

/* Without a sandbox that answers there is no choice, and the page is as it always is. */
int people_offer(const struct http_call *call, const struct found_login *found, struct page *page,
                 struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    const struct json *personas = NULL;

    (void)call;
    if (ask_control("/v1/personas", NULL, &answer, NULL) < 0 ||
        json_get_array(answer.json, "personas", &personas, NULL) < 0)
        return 0;
    return put_form(page, found->login.session, personas, err);
}

/* Only the browser that opened the login has its cookie, which no other site's form brings. */
static int post_persona(struct http_call *call, struct err *err)
{
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *back = NULL;
    struct http_fields fields = {NULL, 0};
    bool is_own;

    TRY(login_find_own(call, &found, &is_own, err));
    if (!is_own)
        return 0;
    TRY(http_form_read(call, &fields, err));
    if (http_form_get(&fields, "persona") == NULL)
        return FAIL(err, ERR_INPUT, "persona is missing");
    TRY(have_answered(call->context, &found.login, http_form_get(&fields, "persona"), err));
    TRY(path_format(&back, err, AUTHAPP_REALM "/login/%s?wait=1", found.login.session));
    TRY(html_begin(call, N_("The card is being asked"), back, &page, err));
    TRY(html_link(&page, back, N_("Go on, if this page does not do so by itself"), err));
    return html_reply(call, 200, &page, err);
}

static const struct http_answer persona_answers[] = {
    {200, "a page that goes on to wait", .type = PAGE_TYPE},
    {403, "a page: another browser's", .type = PAGE_TYPE},
    {404, "a page: over", .type = PAGE_TYPE},
    {0}};

const struct route people_routes[] = {
    {.method = HTTP_POST,
     .path = AUTHAPP_REALM "/login/:session/persona",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = post_persona,
     .operation = "answerAsPersona",
     .summary = "Have a person of the sandbox answer this login",
     .answers = persona_answers,
     .is_foreign = true},
    {.path = NULL},
};
