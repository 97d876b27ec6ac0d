/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization endpoint (Core 1.0, 3.1.2): a browser with a session of the portal goes on to a
 * site that its owner has linked, without the card. Whoever has not, is led to the page where he
 * may.
 */
#include "portal/routes.h"

#include "base/random_text.h"
#include "crypto/client_proof.h"
#include "fetch/uri.h"
#include "http/locale.h"
#include "http/oauth.h"
#include "portal/account/access.h"
#include "portal/account/login.h"
#include "portal/site/tokens.h"

#include <string.h>

struct wish {
    const struct site_row *site;
    const char *state, *nonce, *challenge;
    const char *locale; /* which of ours the site asks for; NULL: none */
    bool is_silent;     /* prompt none: no page may be shown */
};

/* Nothing is sent to an address that is not the site's: the browser stays here. */
static int find_site(const struct portal *portal, const struct http_fields *fields,
                     struct wish *ret)
{
    const char *id = http_form_get(fields, "client_id");
    const char *uri = http_form_get(fields, "redirect_uri");

    ret->site = id == NULL ? NULL : sites_find(portal->sites.list, id);
    return ret->site != NULL && uri != NULL && strcmp(uri, ret->site->redirect_uri) == 0 ? 0 : -1;
}

static bool is_value(const char *text)
{
    return text != NULL && strlen(text) <= SITE_VALUE_MAX;
}

static struct oauth_error read_wish(const struct http_fields *fields, struct wish *ret)
{
    const char *type = http_form_get(fields, "response_type");
    const char *scope = http_form_get(fields, "scope");
    const char *prompt = http_form_get(fields, "prompt");
    const char *method = http_form_get(fields, "code_challenge_method");

    ret->state = http_form_get(fields, "state");
    ret->nonce = http_form_get(fields, "nonce");
    ret->challenge = http_form_get(fields, "code_challenge");
    ret->locale = http_locale_pick(http_form_get(fields, "ui_locales"), portal_locales);
    ret->is_silent = prompt != NULL && strcmp(prompt, "none") == 0;
    if (!is_value(ret->state) || !is_value(ret->nonce))
        return (struct oauth_error){"invalid_request", "state and nonce are needed"};
    if (type == NULL || strcmp(type, "code") != 0)
        return (struct oauth_error){"unsupported_response_type", "there are codes alone"};
    if (scope == NULL || strcmp(scope, "openid") != 0)
        return (struct oauth_error){"invalid_scope", "the scope is openid"};
    if (ret->challenge == NULL || !pkce_is_s256(ret->challenge) || method == NULL ||
        strcmp(method, "S256") != 0)
        return (struct oauth_error){"invalid_request", "a code_challenge by S256 is needed"};
    if (http_form_get(fields, "request") != NULL || http_form_get(fields, "request_uri") != NULL)
        return (struct oauth_error){"request_not_supported", "parameters are in the query"};
    if (prompt != NULL && !ret->is_silent)
        return (struct oauth_error){"login_required", "the card is not shown here again"};
    return OAUTH_NO_ERROR;
}

/* Back to the site: a code or an error, and of whom it is (RFC 9207). */
static int go(struct http_call *call, const struct wish *wish, const char *name, const char *value,
              struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    TRY(buf_append_text(&address, wish->site->redirect_uri, err));
    TRY(uri_add_parameter(&address, name, value, err));
    TRY(uri_add_parameter(&address, "state", is_value(wish->state) ? wish->state : NULL, err));
    TRY(buf_append_format(&issuer, err, "%s" SITE_ISSUER, portal->origin));
    TRY(buf_text(&issuer, &text, err));
    TRY(uri_add_parameter(&address, "iss", text, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* To the portal's page of this site, in the site's language unless its reader has chosen one. */
static int stay(struct http_call *call, const char *site, const char *locale, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_format(&address, err, "/#/linkage/%s", site));
    if (locale != NULL)
        TRY(buf_append_format(&address, err, "?ui_locales=%s", locale));
    return http_reply_redirect(&call->response, 303, &address, err);
}

static int start(struct http_call *call, const struct wish *wish, const struct session *session,
                 struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = citizen_by(call, session);
    char code[PORTAL_SECRET_SIZE];
    struct digest hash;
    const struct site_start login = {wish->site->id, session, &hash, wish->challenge, wish->nonce};
    int rc;

    TRY(random_text(code, sizeof code, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(code), &hash, err));
    rc = site_login_start(portal->store, &login, &by, err);
    if (rc == -ERR_ABSENT)
        return wish->is_silent ? go(call, wish, "error", "consent_required", err)
                               : stay(call, wish->site->id, wish->locale, err);
    TRY(rc);
    return go(call, wish, "code", code, err);
}

static int authorize(struct http_call *call, struct err *err)
{
    struct http_fields fields = {NULL, 0};
    struct wish wish = {.site = NULL};
    struct oauth_error error;
    struct session session;
    int rc;

    if (http_form_read(call, &fields, NULL) < 0 || find_site(call->context, &fields, &wish) < 0)
        return stay(call, "unknown", NULL, err);
    error = read_wish(&fields, &wish);
    if (error.code != NULL)
        return go(call, &wish, "error", error.code, err);
    rc = citizen_find(call, &session, err);
    if (rc == 0)
        rc = start(call, &wish, &session, err);
    if (rc == -ERR_DENIED)
        return wish.is_silent ? go(call, &wish, "error", "login_required", err)
                              : stay(call, wish.site->id, wish.locale, err);
    return rc;
}

/* ---- words ---- */

static const struct http_member authorize_query[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the site"},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "where to go, as registered"},
    {"response_type", HTTP_TEXT, HTTP_REQUIRED, "code"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "openid"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "comes back"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "is in the ID token"},
    {"code_challenge", HTTP_TEXT, HTTP_REQUIRED, "of a verifier (RFC 7636)"},
    {"code_challenge_method", HTTP_TEXT, HTTP_REQUIRED, "S256"},
    {"prompt", HTTP_TEXT, HTTP_OPTIONAL, "none: without a page"},
    {"ui_locales", HTTP_TEXT, HTTP_OPTIONAL,
     "languages, the best first; others than ja and en count for nothing"},
    {NULL},
};
static const struct http_answer authorize_answers[] = {
    {303, "to the site with a code or an error; or to the portal's page of it"}, {0}};

const struct route portal_sso_routes[] = {
    {.method = HTTP_GET,
     .path = SITE_ISSUER "/authorize",
     .access = &http_anyone,
     .query = authorize_query,
     .handle = authorize,
     .operation = "goToSite",
     .summary = "Send a browser on to a site that its owner has linked",
     .answers = authorize_answers,
     .is_foreign = true},
    {.path = NULL},
};
