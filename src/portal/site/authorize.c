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
#include "http/limits.h"
#include "http/locale.h"
#include "http/oauth.h"
#include "portal/account/access.h"
#include "portal/account/login.h"
#include "portal/site/tokens.h"

#include <string.h>

enum { SECONDS_LEN_MAX = 10 };

struct wish {
    const struct site_row *site;
    const char *state, *nonce, *challenge;
    const char *hint;   /* id_token_hint: who is meant; NULL: whoever comes */
    const char *locale; /* which of ours the site asks for; NULL: none */
    int64_t max_age;    /* seconds since the card was shown */
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

static bool is_value(const char *text, size_t most)
{
    return text != NULL && strlen(text) <= most;
}

static struct oauth_error read_challenge(const struct http_fields *fields, struct wish *ret)
{
    const char *method = http_form_get(fields, "code_challenge_method");

    ret->challenge = http_form_get(fields, "code_challenge");
    if (ret->challenge == NULL || !pkce_is_s256(ret->challenge) || method == NULL ||
        strcmp(method, "S256") != 0)
        return (struct oauth_error){"invalid_request", "a code_challenge by S256 is needed"};
    return OAUTH_NO_ERROR;
}

/* Seconds, as digits. */
static bool read_seconds(const char *text, int64_t *ret)
{
    size_t len = strlen(text);

    if (len > SECONDS_LEN_MAX || strspn(text, "0123456789") != len)
        return false;
    *ret = 0;
    for (size_t i = 0; i < len; i++)
        *ret = *ret * 10 + (text[i] - '0');
    return true;
}

/* How a login may come about: there is none here but the one that the portal has already. */
static struct oauth_error read_way(const struct http_fields *fields, struct wish *ret)
{
    const char *prompt = http_form_get(fields, "prompt");
    const char *age = http_form_get(fields, "max_age");

    ret->is_silent = prompt != NULL && strcmp(prompt, "none") == 0;
    ret->max_age = INT64_MAX;
    ret->hint = http_form_get(fields, "id_token_hint");
    if (prompt != NULL && !ret->is_silent && text_has_word(prompt, "none"))
        return (struct oauth_error){"invalid_request", "prompt none stands alone"};
    if (prompt != NULL && !ret->is_silent)
        return (struct oauth_error){"login_required", "the card is not shown here again"};
    if (age != NULL && !read_seconds(age, &ret->max_age))
        return (struct oauth_error){"invalid_request", "max_age is a number of seconds"};
    return OAUTH_NO_ERROR;
}

/* Scopes and parameters that are not known are passed over (Core 1.0, 3.1.2.1). */
static struct oauth_error read_wish(const struct http_fields *fields, struct wish *ret)
{
    const char *type = http_form_get(fields, "response_type");
    const char *scope = http_form_get(fields, "scope");
    struct oauth_error error;

    ret->state = http_form_get(fields, "state");
    ret->nonce = http_form_get(fields, "nonce");
    ret->locale = http_locale_pick(http_form_get(fields, "ui_locales"), portal_locales);
    if (!is_value(ret->state, SITE_STATE_MAX) || !is_value(ret->nonce, SITE_VALUE_MAX))
        return (struct oauth_error){"invalid_request", "state and nonce are needed"};
    if (type == NULL || strcmp(type, "code") != 0)
        return (struct oauth_error){"unsupported_response_type", "there are codes alone"};
    if (scope == NULL || !text_has_word(scope, "openid"))
        return (struct oauth_error){"invalid_scope", "the scope is openid"};
    error = read_challenge(fields, ret);
    if (error.code == NULL)
        error = oauth_check_foreign(fields);
    return error.code == NULL ? read_way(fields, ret) : error;
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
    TRY(uri_add_parameter(&address, "state",
                          is_value(wish->state, SITE_STATE_MAX) ? wish->state : NULL, err));
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

/*
 * Whether who is here is who is meant; ERR_ABSENT if he has not linked the site, which knows him by
 * no name then. A hint that cannot be believed means nobody.
 */
static int judge_hint(const struct portal *portal, const struct wish *wish,
                      const struct session *session, bool *ret_is_meant, struct err *err)
{
    struct site_linkage linkage;
    char sub[PORTAL_ID_SIZE];

    *ret_is_meant = true;
    if (wish->hint == NULL)
        return 0;
    TRY(site_linkage_get(portal->store, session->account.id, wish->site->id, &linkage, err));
    *ret_is_meant = site_hint_read(portal, wish->site->id, wish->hint, sub, NULL) == 0 &&
                    strcmp(sub, linkage.sub) == 0;
    return 0;
}

/* Whether the login that the portal has will do for the site. */
static int judge_session(const struct portal *portal, const struct wish *wish,
                         const struct session *session, bool *ret_will_do, struct err *err)
{
    TRY(judge_hint(portal, wish, session, ret_will_do, err));
    if (clock_now(portal->clock) - session->made_at >= wish->max_age)
        *ret_will_do = false;
    return 0;
}

static int issue(struct http_call *call, const struct wish *wish, const struct session *session,
                 char ret[PORTAL_SECRET_SIZE], struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = citizen_by(call, session);
    struct digest hash;
    const struct site_start login = {wish->site->id, session, &hash, wish->challenge, wish->nonce};

    TRY(random_text(ret, PORTAL_SECRET_SIZE, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(ret), &hash, err));
    return site_login_start(portal->store, &login, &by, err);
}

static int start(struct http_call *call, const struct wish *wish, const struct session *session,
                 struct err *err)
{
    char code[PORTAL_SECRET_SIZE];
    bool will_do = false;
    int rc = judge_session(call->context, wish, session, &will_do, err);

    if (rc == 0 && !will_do)
        return go(call, wish, "error", "login_required", err);
    if (rc == 0)
        rc = issue(call, wish, session, code, err);
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

/*
 * The same by a form (Core 1.0, 3.1.2.1). It comes from the site's page, and with what another's
 * page posts a browser does not send the portal's cookie (SameSite=Lax); so it comes once more, as
 * a link.
 */
static int authorize_form(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    struct http_fields fields = {NULL, 0};

    if (http_form_read(call, &fields, NULL) < 0)
        return stay(call, "unknown", NULL, err);
    TRY(buf_append_text(&address, SITE_ISSUER "/authorize", err));
    for (size_t i = 0; i < fields.count; i++)
        TRY(uri_add_parameter(&address, fields.at[i].name, fields.at[i].value, err));
    if (address.len > HTTP_LOCATION_MAX)
        return stay(call, "unknown", NULL, err);
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* ---- words ---- */

static const struct http_member authorize_query[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the site"},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "where to go, as registered"},
    {"response_type", HTTP_TEXT, HTTP_REQUIRED, "code"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "openid; others are passed over"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "comes back"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "is in the ID token"},
    {"code_challenge", HTTP_TEXT, HTTP_REQUIRED, "of a verifier (RFC 7636)"},
    {"code_challenge_method", HTTP_TEXT, HTTP_REQUIRED, "S256"},
    {"prompt", HTTP_TEXT, HTTP_OPTIONAL, "none: without a page"},
    {"max_age", HTTP_TEXT, HTTP_OPTIONAL, "how many seconds ago the card may have been shown"},
    {"id_token_hint", HTTP_TEXT, HTTP_OPTIONAL, "who is meant: an ID token of before"},
    {"ui_locales", HTTP_TEXT, HTTP_OPTIONAL,
     "languages, the best first; others than ja and en count for nothing"},
    {NULL},
};
static const struct http_answer authorize_answers[] = {
    {303, "to the site with a code or an error; or to the portal's page of it"}, {0}};
static const struct http_answer form_answers[] = {{303, "to the same as a link"}, {0}};

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
    {.method = HTTP_POST,
     .path = SITE_ISSUER "/authorize",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .body = authorize_query,
     .handle = authorize_form,
     .operation = "postGoToSite",
     .summary = "The same by a form",
     .answers = form_answers,
     .is_foreign = true},
    {.path = NULL},
};
