/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that waits for the card, and what becomes of it.
 */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "authapp/login/result.h"
#include "authapp/page/agent.h"
#include "authapp/page/cookie.h"
#include "authapp/page/html.h"
#include "authapp/page/way.h"
#include "authapp/powers.h"
#include "authapp/scope.h"
#include "authapp/signing/page.h"
#include "authapp/signing/signing.h"
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/uri.h"

enum { WAIT_MS = 20000 };

static int put_wants(struct page *page, unsigned scopes, struct err *err)
{
    static const struct {
        enum scope scope;
        const char *msgid;
    } rows[] = {{SCOPE_NAME, N_("name")},
                {SCOPE_ADDRESS, N_("address")},
                {SCOPE_BIRTHDATE, N_("date of birth")},
                {SCOPE_GENDER, N_("sex")}};

    if ((scopes & SCOPE_ATTRIBUTES) == 0)
        return html_say(page, N_("The service learns a pseudonym of yours, and no attribute."),
                        err);
    TRY(html_say(page, N_("With your card's answer the service learns of you:"), err));
    TRY(html_put(page, "<ul>", err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((scopes & (unsigned)rows[i].scope) == 0)
            continue;
        TRY(html_put(page, "<li>", err));
        TRY(html_put_words(page, rows[i].msgid, err));
        TRY(html_put(page, "</li>", err));
    }
    return html_put(page, "</ul>\n", err);
}

static int put_provider(struct page *page, const struct found_login *found, struct err *err)
{
    CLEANUP(buf_done) struct buf origin = BUF_INIT;
    const char *text;
    struct uri uri;

    TRY(uri_parse(found->request.redirect_uri, &uri, err));
    TRY(uri_origin(&uri, &origin, err));
    TRY(buf_text(&origin, &text, err));
    TRY(html_row(page, N_("Service"), found->client.name, err));
    return html_row(page, N_("Its address"), text, err);
}

static int put_way(struct page *page, const struct authapp *authapp,
                   const struct found_login *found, struct err *err)
{
    CLEANUP(free_text) char *address = NULL;
    struct way way = {
        .code = found->login.code,
        .how = N_("Read this code with your phone, or give the address to jpki login."),
        .what = N_("Address of this login"),
        .verb = "login"};

    TRY(path_format(&address, err, "%s/v1/logins/%s", authapp->origin, found->login.session));
    way.address = address;
    TRY(html_put_way(page, &way, err));
    return html_put_agent(page, address, found->login.code, err);
}

static int show_page(struct http_call *call, const struct found_login *found, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *again = NULL;
    CLEANUP(free_text) char *cancel = NULL;

    TRY(path_format(&again, err, AUTHAPP_REALM "/login/%s?wait=1", found->login.session));
    TRY(path_format(&cancel, err, AUTHAPP_REALM "/login/%s/cancel", found->login.session));
    TRY(html_begin(call, N_("Log in with your card"), again, &page, err));
    TRY(put_provider(&page, found, err));
    TRY(put_wants(&page, found->request.scopes, err));
    TRY(put_way(&page, authapp, found, err));
    if (authapp->powers != NULL)
        TRY(authapp->powers->offer_people(call, found, &page, err));
    TRY(html_link(&page, again, N_("Go on, if this page does not do so by itself"), err));
    TRY(html_put_cancel(&page, cancel, err));
    return html_reply(call, 200, &page, err);
}

static int answer_error(struct http_call *call, const struct auth_request *request,
                        const struct oauth_error *error, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(result_error(call->context, request, error, &address, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

static const struct oauth_error lost = {"temporarily_unavailable", "begin again"};

/* The login is over, and nothing is granted. */
static int give_up(struct http_call *call, const struct found_login *found,
                   const struct oauth_error *why, struct err *err)
{
    const struct authapp *authapp = call->context;
    int rc = authapp_take_login(authapp->store, found->login.session, err);

    if (rc == -ERR_ABSENT)
        return answer_error(call, &found->request, &lost, err);
    TRY(rc);
    return answer_error(call, &found->request, why, err);
}

/* What a login grants, to the relying party. */
static int finish(struct http_call *call, const struct found_login *found, struct err *err)
{
    static const struct oauth_error other = {"login_required", "somebody else has logged in"};
    int rc = result_login(call, found, err);

    if (rc == -ERR_ABSENT)
        return answer_error(call, &found->request, &lost, err);
    return rc == -ERR_DENIED ? give_up(call, found, &other, err) : rc;
}

/* The login, for the browser that opened it; an answer is there if it is not. */
int login_find_own(struct http_call *call, struct found_login *ret, bool *ret_is_own,
                   struct err *err)
{
    const char *session = http_param(&call->request, "session");
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    char name[COOKIE_NAME_SIZE];
    const char *cookie;
    int rc = oidc_login_find(call->context, session, &found, err);

    *ret_is_own = false;
    if (rc == -ERR_ABSENT)
        return html_message(call, 404, N_("This login is over"),
                            N_("Go back to the service and begin again."), err);
    TRY(rc);
    cookie_name(call, "login", found.login.session, name);
    TRY(http_cookie_get(call, name, &cookie, err));
    rc = oidc_login_check_browser(&found, cookie, err);
    if (rc == -ERR_DENIED)
        return html_message(call, 403, N_("This login belongs to another browser"),
                            N_("Go back to the service and begin again."), err);
    TRY(rc);
    *ret_is_own = true;
    *ret = found;
    found = (struct found_login){.json = NULL};
    return 0;
}

static bool wants_to_wait(const struct http_call *call)
{
    struct http_fields fields = {NULL, 0};

    return http_form_read(call, &fields, NULL) == 0 && http_form_get(&fields, "wait") != NULL;
}

/* Whether the page may wait; until a moment at most. */
static bool waits(struct http_call *call, uint64_t rings, int64_t until)
{
    const struct authapp *authapp = call->context;
    int64_t left = (until + 1 - clock_now(authapp->clock)) * 1000;

    return wants_to_wait(call) && http_wait(call, rings, left < WAIT_MS ? left : WAIT_MS);
}

/*
 * Who logged in was sent to sign something (sign_transaction_id): that is his login's alone now,
 * and the relying party hears of neither before both are done.
 */
static int go_on_signing(struct http_call *call, const struct found_login *found, uint64_t rings,
                         struct err *err)
{
    static const struct oauth_error unsigned_ = {"access_denied", "nothing was signed"};
    const struct authapp *authapp = call->context;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    const char *session = found->login.session;
    int rc = signing_of_login(authapp, found->client.id, found->request.transaction, session,
                              &signing, err);

    if (rc == -ERR_ABSENT || rc == -ERR_CONFLICT)
        return give_up(call, found, &unsigned_, err);
    TRY(rc);
    if (signing.outcome == SIGNING_SIGNED)
        return finish(call, found, err);
    if (signing.outcome == SIGNING_DENIED || signing_is_late(authapp, &signing))
        return give_up(call, found, &unsigned_, err);
    return waits(call, rings, signing.expires_at)
               ? 0
               : signing_show(call, &found->client, &signing, session, err);
}

static int get_login(struct http_call *call, struct err *err)
{
    static const struct oauth_error denied = {"access_denied", "nobody has logged in"};
    const struct authapp *authapp = call->context;
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    uint64_t rings = http_bell_rings(authapp->bell);
    bool is_own;

    TRY(login_find_own(call, &found, &is_own, err));
    if (!is_own)
        return 0;
    if (found.login.outcome == LOGIN_ANSWERED)
        return found.request.transaction == NULL ? finish(call, &found, err)
                                                 : go_on_signing(call, &found, rings, err);
    /* Why a card does not count is not the relying party's business. */
    if (found.login.outcome != LOGIN_OPEN || oidc_login_is_late(authapp, &found))
        return give_up(call, &found, &denied, err);
    return waits(call, rings, found.login.expires_at) ? 0 : show_page(call, &found, err);
}

/* Whatever the card is being asked for. */
static int cancel(struct http_call *call, const struct found_login *found, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};

    if (found->login.outcome != LOGIN_ANSWERED || found->request.transaction == NULL)
        return oidc_login_cancel(authapp, found, call->request.trace_id, err);
    TRY(signing_of_login(authapp, found->client.id, found->request.transaction,
                         found->login.session, &signing, err));
    return signing_cancel(authapp, &signing, call->request.trace_id, err);
}

/* The page itself goes back, so that no form leads to another site (form-action). */
static int post_cancel(struct http_call *call, struct err *err)
{
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *back = NULL;
    bool is_own;
    int rc;

    TRY(login_find_own(call, &found, &is_own, err));
    if (!is_own)
        return 0;
    rc = cancel(call, &found, err);
    if (rc != -ERR_CONFLICT && rc != -ERR_ABSENT)
        TRY(rc);
    TRY(path_format(&back, err, AUTHAPP_REALM "/login/%s", found.login.session));
    TRY(html_begin(call, N_("You have cancelled"), back, &page, err));
    TRY(html_link(&page, back, N_("Back to the service"), err));
    return html_reply(call, 200, &page, err);
}

static const struct http_answer login_answers[] = {
    {200, "the page that waits", .type = PAGE_TYPE},
    {303, "back to the relying party with a code or an error"},
    {403, "a page: another browser's", .type = PAGE_TYPE},
    {404, "a page: over", .type = PAGE_TYPE},
    {0}};

const struct route authapp_browser_routes[] = {
    {.method = HTTP_GET,
     .path = AUTHAPP_REALM "/login/:session",
     .access = &http_anyone,
     .handle = get_login,
     .operation = "showLogin",
     .summary = "Wait for the card, and go back",
     .answers = login_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_REALM "/login/:session/cancel",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = post_cancel,
     .operation = "cancelLogin",
     .summary = "Do not wait any longer",
     .answers = login_answers,
     .is_foreign = true},
    {.path = NULL},
};
