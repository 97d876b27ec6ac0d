/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_transaction_id (pki.md 7.1): a browser that is sent to have something signed. Refusals
 * first, then the way there and back.
 */
#include "support/authapp_site.h"

#include "authapp/signing/signing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* SHA-256 of "abc" (FIPS 180-4), in base64 and as the page shows it. */
#define HASH   "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define DIGEST "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct authapp_site *const site = &authapp_one_site;

static struct signing open_for(const char *client_id)
{
    const struct signing_request request = {.client_id = client_id,
                                            .hash = HASH,
                                            .title = "申込書 <i>",
                                            .text = "一行目\n<u>二行目",
                                            .document = "YWJj"};
    struct signing signing;

    assert_int_equal(signing_open(&site->authapp, &request, &signing, NULL), 0);
    return signing;
}

static int sign(const struct signing *signing, bool is_denied)
{
    char signature[345] = ""; /* 256 octets in base64 */
    const struct signing_answer answer = {.session = signing->session,
                                          .code = signing->code,
                                          .is_denied = is_denied,
                                          .certificate = is_denied ? NULL : "a.b.c.d.e",
                                          .signature = is_denied ? NULL : signature};

    memset(signature, 'A', 341);
    memcpy(signature + 341, "A==", 4);
    return signing_answer(&site->authapp, &answer, NULL);
}

/* The browser, sent for it by the bank. */
static struct site_login send_for(const struct signing *signing)
{
    char more[80];

    (void)snprintf(more, sizeof more, "&sign_transaction_id=%s", signing->id);
    return authapp_site_open(site, "openid%20sign", more);
}

/* The same, with somebody logged in. */
static struct site_login log_in_for(const struct signing *signing)
{
    struct site_login login = send_for(signing);

    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    return login;
}

static void assert_no_such_signing(const char *scope, const char *id)
{
    char target[1024];
    char error[64];

    (void)snprintf(target, sizeof target,
                   AUTHAPP_SITE_AUTH "?response_type=code&client_id=bank&state=s1&nonce=n1&"
                                     "redirect_uri=https%%3A%%2F%%2Fbank.example%%2Fcallback&"
                                     "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
                                     "code_challenge_method=S256&scope=%s&sign_transaction_id=%s",
                   scope, id);
    struct authapp_answer answer = authapp_site_ask(site, "GET", target, "", NULL);
    assert_int_equal(answer.status, 303);
    authapp_answer_part(&answer, "Location: " AUTHAPP_SITE_REDIRECT "?error=", "&", error,
                        sizeof error);
    assert_string_equal(error, "invalid_request");
    authapp_answer_done(&answer);
}

static void assert_denied(const struct site_login *login)
{
    struct authapp_answer page = authapp_site_page(site, login);

    assert_int_equal(page.status, 303);
    assert_true(
        authapp_answer_has(&page, "Location: " AUTHAPP_SITE_REDIRECT "?error=access_denied"));
    assert_true(authapp_answer_has(&page, "&state=s1&"));
    assert_false(authapp_answer_has(&page, "code="));
    authapp_answer_done(&page);
}

static enum signing_outcome outcome_of(const struct signing *signing)
{
    CLEANUP(signing_done) struct signing found = {.text = BUF_INIT};

    assert_int_equal(authapp_signing_of_client(site->authapp.store, signing->client_id, signing->id,
                                               &found, NULL),
                     0);
    return found.outcome;
}

/* ---- refusals ---- */

static void nobody_is_sent_for_what_does_not_wait_for_him(void **state)
{
    CLEANUP(signing_done) struct signing other = open_for("shop");
    CLEANUP(signing_done) struct signing denied = open_for("bank");
    CLEANUP(signing_done) struct signing done = open_for("bank");
    CLEANUP(signing_done) struct signing late = open_for("bank");
    CLEANUP(signing_done) struct signing taken = open_for("bank");
    struct site_login login = log_in_for(&taken);

    (void)state;
    assert_no_such_signing("openid%20sign", "00000000-0000-4000-8000-000000000000");
    assert_no_such_signing("openid%20sign", other.id);
    assert_int_equal(sign(&denied, true), 0);
    assert_no_such_signing("openid%20sign", denied.id);
    assert_int_equal(sign(&done, false), 0);
    assert_no_such_signing("openid%20sign", done.id);
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 200);
    authapp_answer_done(&page);
    assert_no_such_signing("openid%20sign", taken.id);
    site->clock.fixed += AUTHAPP_SIGNING_SECONDS + 1;
    assert_no_such_signing("openid%20sign", late.id);
}

static void a_signing_is_the_first_login_s_alone(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    struct site_login first = send_for(&signing);
    struct site_login second = send_for(&signing);

    (void)state;
    assert_int_equal(authapp_site_answer(site, &first, false), 204);
    assert_int_equal(authapp_site_answer(site, &second, false), 204);
    struct authapp_answer page = authapp_site_page(site, &second);
    assert_int_equal(page.status, 200);
    authapp_answer_done(&page);
    assert_denied(&first);
    assert_int_equal(sign(&signing, false), 0);
    struct authapp_answer back = authapp_site_page(site, &second);
    assert_true(authapp_answer_has(&back, "?code="));
    authapp_answer_done(&back);
}

static void what_was_signed_before_anybody_logged_in_is_nobody_s(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    struct site_login login = send_for(&signing);

    (void)state;
    assert_int_equal(sign(&signing, false), 0);
    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    assert_denied(&login);
}

static void without_a_signature_nobody_is_logged_in(void **state)
{
    CLEANUP(signing_done) struct signing denied = open_for("bank");
    CLEANUP(signing_done) struct signing late = open_for("bank");
    struct site_login first = log_in_for(&denied);
    struct site_login second = log_in_for(&late);

    (void)state;
    assert_int_equal(sign(&denied, true), 0);
    assert_denied(&first);
    struct authapp_answer page = authapp_site_page(site, &second);
    assert_int_equal(page.status, 200);
    authapp_answer_done(&page);
    site->clock.fixed += AUTHAPP_SIGNING_SECONDS + 1;
    assert_denied(&second);
}

static void whoever_cancels_signs_nothing(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    struct site_login login = log_in_for(&signing);
    char target[128];

    (void)state;
    (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s/cancel", login.session);
    struct authapp_answer foreign = authapp_site_ask(site, "POST", target, "", "x=1");
    assert_int_equal(foreign.status, 403);
    authapp_answer_done(&foreign);
    assert_int_equal(outcome_of(&signing), SIGNING_OPEN);
    struct authapp_answer answer = authapp_site_ask(site, "POST", target, login.cookie, "x=1");
    assert_int_equal(answer.status, 200);
    authapp_answer_done(&answer);
    assert_int_equal(outcome_of(&signing), SIGNING_DENIED);
    assert_int_equal(sign(&signing, false), -ERR_CONFLICT);
    assert_denied(&login);
}

static void another_browser_does_not_see_what_is_signed(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    struct site_login login = log_in_for(&signing);

    (void)state;
    (void)snprintf(login.cookie, sizeof login.cookie, "Cookie: __Host-login-%s=x\r\n",
                   login.session);
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 403);
    assert_false(authapp_answer_has(&page, "申込書"));
    authapp_answer_done(&page);
}

/* ---- there and back ---- */

static void the_page_says_what_is_signed_and_where(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    struct site_login login = log_in_for(&signing);
    struct authapp_answer page = authapp_site_page(site, &login);
    const char *const parts[] = {"見本銀行 &lt;b&gt;",
                                 "https://bank.example",
                                 "申込書 &lt;i&gt;",
                                 "一行目\n&lt;u&gt;二行目",
                                 DIGEST,
                                 AUTHAPP_SITE_ORIGIN "/v1/signings/",
                                 signing.session,
                                 signing.code,
                                 "<svg class=\"qr\"",
                                 "/document\">",
                                 "frame-ancestors 'none'",
                                 "default-src 'none'",
                                 "TEST"};

    (void)state;
    assert_int_equal(page.status, 200);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_true(authapp_answer_has(&page, parts[i]));
    assert_false(authapp_answer_has(&page, "<script"));
    authapp_answer_done(&page);
}

/* A stranger's file, from our own origin. */
static void a_document_is_never_a_page_of_ours(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    char target[128];

    (void)state;
    (void)snprintf(target, sizeof target, "/v1/signings/%s/document", signing.session);
    struct authapp_answer answer = authapp_site_ask(site, "GET", target, "", NULL);
    assert_int_equal(answer.status, 200);
    assert_true(authapp_answer_has(&answer, "Content-Type: application/octet-stream"));
    assert_true(authapp_answer_has(&answer, "X-Content-Type-Options: nosniff"));
    assert_true(authapp_answer_has(&answer, "Content-Disposition: attachment"));
    authapp_answer_done(&answer);
}

static unsigned ask_result(const char *id, const char *token, bool *ret_signed)
{
    char target[128];
    char field[128];

    (void)snprintf(target, sizeof target, "/api/sign-transactions/%s/result", id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    struct authapp_answer answer = authapp_site_ask(site, "GET", target, field, NULL);
    unsigned status = answer.status;
    *ret_signed = authapp_answer_has(&answer, "\"status\":\"signed\"") &&
                  authapp_answer_has(&answer, "\"certificate\":\"a.b.c.d.e\"");
    authapp_answer_done(&answer);
    return status;
}

/* Long after a login alone would be forgotten. */
static void who_has_logged_in_and_signed_goes_back_and_the_result_is_his(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    CLEANUP(signing_done) struct signing other = open_for("bank");
    struct site_login login = log_in_for(&signing);
    char code[64];
    char access[64];
    bool is_signed;

    (void)state;
    struct authapp_answer waiting = authapp_site_page(site, &login);
    assert_int_equal(waiting.status, 200);
    authapp_answer_done(&waiting);
    site->clock.fixed += AUTHAPP_SIGNING_SECONDS;
    CLEANUP(signing_done) struct signing later = open_for("bank"); /* what is over is forgotten */
    struct site_login unrelated = authapp_site_open(site, "openid", "");
    assert_string_not_equal(unrelated.session, login.session);
    assert_int_equal(sign(&signing, false), 0);
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 303);
    authapp_answer_part(&page, AUTHAPP_SITE_REDIRECT "?code=", "&\r", code, sizeof code);
    authapp_answer_done(&page);
    struct authapp_answer tokens = authapp_site_exchange(site, code);
    assert_int_equal(tokens.status, 200);
    assert_true(authapp_answer_has(&tokens, "\"id_token\":\""));
    authapp_answer_part(&tokens, "\"access_token\":\"", "\"", access, sizeof access);
    authapp_answer_done(&tokens);
    assert_int_equal(ask_result(signing.id, access, &is_signed), 200);
    assert_true(is_signed);
    assert_int_equal(ask_result(other.id, access, &is_signed), 403);
    assert_int_equal(ask_result(later.id, access, &is_signed), 403);
}

static void a_person_s_token_opens_no_signing_and_reads_no_other(void **state)
{
    CLEANUP(signing_done) struct signing signing = open_for("bank");
    char code[64];
    char access[64];
    char field[128];
    bool is_signed;

    (void)state;
    authapp_site_code(site, "openid%20sign", code);
    struct authapp_answer tokens = authapp_site_exchange(site, code);
    authapp_answer_part(&tokens, "\"access_token\":\"", "\"", access, sizeof access);
    authapp_answer_done(&tokens);
    assert_int_equal(ask_result(signing.id, access, &is_signed), 403);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", access);
    struct authapp_answer answer = authapp_site_ask(site, "POST", "/api/sign-transactions", field,
                                                    "{\"client_id\":\"bank\",\"hash\":\"" HASH
                                                    "\",\"title\":\"t\"}");
    assert_int_equal(answer.status, 403);
    authapp_answer_done(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_AUTHAPP_SITE(nobody_is_sent_for_what_does_not_wait_for_him),
        WITH_AUTHAPP_SITE(a_signing_is_the_first_login_s_alone),
        WITH_AUTHAPP_SITE(what_was_signed_before_anybody_logged_in_is_nobody_s),
        WITH_AUTHAPP_SITE(without_a_signature_nobody_is_logged_in),
        WITH_AUTHAPP_SITE(whoever_cancels_signs_nothing),
        WITH_AUTHAPP_SITE(another_browser_does_not_see_what_is_signed),
        WITH_AUTHAPP_SITE(the_page_says_what_is_signed_and_where),
        WITH_AUTHAPP_SITE(a_document_is_never_a_page_of_ours),
        WITH_AUTHAPP_SITE(who_has_logged_in_and_signed_goes_back_and_the_result_is_his),
        WITH_AUTHAPP_SITE(a_person_s_token_opens_no_signing_and_reads_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
