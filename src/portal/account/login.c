/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/login.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "crypto/mac.h"
#include "fetch/uri.h"
#include "http/locale.h"
#include "portal/account/browser.h"
#include "portal/account/codes.h"
#include "portal/account/provider.h"
#include "portal/account/store.h"

#include <stdio.h>
#include <string.h>

#define PAGE_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-/"

const char *const portal_locales[] = {"ja", "en", NULL};

const char *const login_refusals[] = {"other-browser", "cancelled", "refused",
                                      "unavailable",   "conflict",  NULL};

/* ---- what only the browser that set out can know ---- */

/* 32 octets in base64url. */
struct derived {
    char text[PORTAL_SECRET_SIZE];
};

static int put_text(const struct digest *digest, struct derived *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(base64_append(&text, BASE64_URL, digest_bytes(digest), err));
    if (text.len + 1 != sizeof ret->text)
        return FAIL(err, ERR_SYSTEM, "a digest of another length");
    memcpy(ret->text, text.ptr, text.len);
    ret->text[text.len] = '\0';
    return 0;
}

/* One thing says nothing of the others: each has a label of its own. */
static int derive(const char *cookie, const char *label, struct derived *ret, struct err *err)
{
    const struct bytes pieces[] = {
        bytes_text("OpenJPKI portal login v1"), bytes_text(label), {NULL, 0}};
    struct digest digest;

    TRY(mac_salted(bytes_text(cookie), pieces, &digest, err));
    return put_text(&digest, ret, err);
}

/* RFC 7636, 4.2 */
static int make_challenge(const char *cookie, struct derived *ret, struct err *err)
{
    struct derived verifier;
    struct digest digest;

    TRY(derive(cookie, "verifier", &verifier, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(verifier.text), &digest, err));
    return put_text(&digest, ret, err);
}

/* ---- going ---- */

static int make_address(const struct portal *portal, const char *cookie, const char *locale,
                        struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf redirect = BUF_INIT;
    struct provider provider;
    struct derived state;
    struct derived nonce;
    struct derived challenge;
    const char *callback;

    TRY(provider_get(portal, &provider, err));
    TRY(derive(cookie, "state", &state, err));
    TRY(derive(cookie, "nonce", &nonce, err));
    TRY(make_challenge(cookie, &challenge, err));
    TRY(buf_append_format(&redirect, err, "%s" PORTAL_CALLBACK, portal->origin));
    TRY(buf_text(&redirect, &callback, err));
    const char *const parameters[][2] = {
        {"response_type", "code"},
        {"client_id", portal->app.client_id},
        {"redirect_uri", callback},
        {"scope", portal->register_socket == NULL ? "openid" : "openid person_reference"},
        {"state", state.text},
        {"nonce", nonce.text},
        {"code_challenge", challenge.text},
        {"code_challenge_method", "S256"},
        {"ui_locales", locale}, /* NULL: not there */
    };
    TRY(buf_append_text(ret, provider.authorization, err));
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        TRY(uri_add_parameter(ret, parameters[i][0], parameters[i][1], err));
    return 0;
}

int login_begin(const struct portal *portal, const struct login_wish *wish,
                char ret_cookie[LOGIN_COOKIE_SIZE], struct buf *ret_address, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    char secret[PORTAL_SECRET_SIZE];
    size_t len = strlen(wish->page);

    if (len > PORTAL_PAGE_MAX || strspn(wish->page, PAGE_LETTERS) != len)
        return FAIL(err, ERR_INPUT, "a page is at most %d lower case letters, digits and hyphens",
                    PORTAL_PAGE_MAX);
    TRY(random_text(secret, sizeof secret, err));
    (void)snprintf(ret_cookie, LOGIN_COOKIE_SIZE, "%s.%s", secret, wish->page);
    TRY(make_address(portal, ret_cookie, http_locale_pick(wish->locale, portal_locales), &address,
                     err));
    buf_move(ret_address, &address);
    return 0;
}

/* ---- coming back ---- */

/* Whether this browser set out, and it is the answer to that; the page that it wants. */
static int check_browser(const struct portal *portal, const struct login_return *back,
                         struct login_result *ret, struct err *err)
{
    const char *page = back->cookie == NULL ? NULL : strchr(back->cookie, '.');
    struct derived state;

    if (page == NULL || strlen(page + 1) > PORTAL_PAGE_MAX ||
        strspn(page + 1, PAGE_LETTERS) != strlen(page + 1) || back->state == NULL)
        return FAIL(err, ERR_DENIED, "this browser has not set out from here");
    TRY(derive(back->cookie, "state", &state, err));
    if (!bytes_equal_secret(bytes_text(state.text), bytes_text(back->state)))
        return FAIL(err, ERR_DENIED, "this browser has set out for another login");
    if (back->issuer == NULL || strcmp(back->issuer, portal->app.issuer) != 0)
        return FAIL(err, ERR_UNTRUSTED, "an answer of another provider");
    (void)snprintf(ret->page, sizeof ret->page, "%s", page + 1);
    return 0;
}

/* What a login is, as far as the portal is told. */
struct login_facts {
    char sub[PORTAL_CLAIM_MAX + 1], sid[PORTAL_CLAIM_MAX + 1];
    struct buf id_token, person_reference; /* the second one empty: none came */
    uint8_t code[PORTAL_CODE_SIZE];
    bool has_code;
};

static void login_facts_done(struct login_facts *facts)
{
    buf_done(&facts->id_token);
    buf_done(&facts->person_reference);
}

static int copy_claim(const struct json *claims, const char *name, char ret[PORTAL_CLAIM_MAX + 1],
                      struct err *err)
{
    if (json_copy_text(claims, name, ret, PORTAL_CLAIM_MAX + 1, NULL) < 0 || ret[0] == '\0')
        return FAIL(err, ERR_UNTRUSTED, "a token without its \"%s\"", name);
    return 0;
}

/* Core 1.0, 3.1.3.7, behind provider_check. */
static int read_claims(const char *cookie, const struct json *claims, struct login_facts *facts,
                       struct err *err)
{
    const char *text = NULL;
    struct derived nonce;

    TRY(derive(cookie, "nonce", &nonce, err));
    if (json_get_text(claims, "nonce", &text, NULL) < 0 ||
        !bytes_equal_secret(bytes_text(text), bytes_text(nonce.text)))
        return FAIL(err, ERR_UNTRUSTED, "a token of another login");
    if (json_get_text(claims, "acr", &text, NULL) < 0 || strcmp(text, "aal3") != 0)
        return FAIL(err, ERR_UNTRUSTED, "a login without a card");
    TRY(copy_claim(claims, "sub", facts->sub, err));
    TRY(copy_claim(claims, "sid", facts->sid, err));
    if (json_get_text(claims, "person_reference", &text, NULL) < 0)
        return 0;
    return buf_copy(bytes_text(text), &facts->person_reference, err);
}

/* The register may be away: then only whoever has an account already is let in. */
static int ask_register(const struct portal *portal, struct login_facts *facts, struct err *err)
{
    static const char *const body = PORTAL_BODY;
    struct err why = {0};
    const char *reference;
    int rc;

    if (portal->register_socket == NULL || facts->person_reference.len == 0)
        return 0;
    TRY(buf_text(&facts->person_reference, &reference, err));
    rc = codes_ask(portal, reference, &body, 1, &facts->code, &why);
    facts->has_code = rc == 0;
    return rc == 0 || rc == -ERR_REMOTE ? 0 : err_copy(err, &why);
}

static int learn(const struct portal *portal, struct signer *signer,
                 const struct login_return *back, struct login_facts *facts, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = NULL;
    struct derived verifier;
    const char *token;

    TRY(derive(back->cookie, "verifier", &verifier, err));
    TRY(provider_redeem(portal, signer, back->code, verifier.text, &facts->id_token, err));
    TRY(buf_text(&facts->id_token, &token, err));
    TRY(provider_check(portal, token, "JWT", &claims, err));
    TRY(read_claims(back->cookie, claims, facts, err));
    return ask_register(portal, facts, err);
}

/* A cookie of before the login is nobody's afterwards. */
static int open_session(const struct portal *portal, const struct login_return *back,
                        struct login_facts *facts, struct login_result *ret, struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(portal->clock), "client",
                                                 portal->app.client_id, back->trace_id);
    struct session session = {.browser = ""};
    struct opening opening = {.sub = facts->sub,
                              .session = &session,
                              .sid = facts->sid,
                              .code = facts->has_code ? facts->code : NULL,
                              .is_new_fine = portal->register_socket == NULL,
                              .is_shown = true};
    struct digest before;

    TRY(buf_text(&facts->id_token, &opening.id_token, err));
    if (facts->person_reference.len > 0)
        TRY(buf_text(&facts->person_reference, &opening.person_reference, err));
    browser_name(back->user_agent, session.browser);
    TRY(random_text(ret->cookie, sizeof ret->cookie, err));
    TRY(random_text(session.id, sizeof session.id, err));
    TRY(random_text(session.csrf, sizeof session.csrf, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(ret->cookie), &session.hash, err));
    if (back->before != NULL) {
        TRY(digest_compute(DIGEST_SHA256, bytes_text(back->before), &before, err));
        opening.ends = &before;
    }
    return portal_open_session(portal->store, &opening, &by, &session, err);
}

static int finish(const struct portal *portal, struct signer *signer,
                  const struct login_return *back, struct login_result *ret, struct err *err)
{
    CLEANUP(login_facts_done)
    struct login_facts facts = {.id_token = BUF_INIT, .person_reference = BUF_INIT};

    TRY(check_browser(portal, back, ret, err));
    if (back->error != NULL || back->code == NULL)
        return FAIL(err, ERR_ABSENT, "nobody logged in");
    TRY(learn(portal, signer, back, &facts, err));
    return open_session(portal, back, &facts, ret, err);
}

/* Which failures are a word to whoever wanted to log in; NULL: that is for the operator. */
static const char *refusal_of(int rc, const struct login_return *back)
{
    static const char *const words[ERR_KINDS_] = {
        [ERR_DENIED] = "other-browser", [ERR_ABSENT] = "refused",     [ERR_INPUT] = "refused",
        [ERR_UNTRUSTED] = "refused",    [ERR_REMOTE] = "unavailable", [ERR_CONFLICT] = "conflict"};
    bool is_cancelled = rc == -ERR_ABSENT && back->error != NULL &&
                        strcmp(back->error, "access_denied") == 0;

    return is_cancelled ? "cancelled" : words[err_kind_of(rc)];
}

int login_finish(const struct portal *portal, struct signer *signer,
                 const struct login_return *back, struct login_result *ret, struct err *err)
{
    struct login_result result = {.refusal = NULL};
    struct err why = {0};
    int rc = finish(portal, signer, back, &result, &why);

    if (rc < 0) {
        result.refusal = refusal_of(rc, back);
        if (result.refusal == NULL)
            return err_copy(err, &why);
        /* Whoever tries to get in is told a word; what it was is the operator's. */
        if (portal->observe != NULL)
            portal->observe("login.refused", &why);
    }
    *ret = result;
    return 0;
}

bool login_is_spent(const struct login_result *result)
{
    return result->refusal == NULL || strcmp(result->refusal, "other-browser") != 0;
}
