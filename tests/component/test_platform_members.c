/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People who log in to the console for a tenant: whom an invitation makes a member, what a session
 * is good for, and how it ends. The browser is played by hand: what it keeps is in struct browser.
 */
#include "support/platform_calls.h"

#include "base/clock.h"
#include "base/file.h"
#include "crypto/bound.h"
#include "platform/member/member.h"
#include "platform/schema.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/tenant.h"
#include "support/auditlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BANK PLATFORM_SITE_KEY
#define SHOP "the bearer key of the shop"

enum { SECRET_SIZE = 64, FIELD_SIZE = 300 };

/* Cookies, and what the console's page has read. */
struct browser {
    char opening[SECRET_SIZE], session[SECRET_SIZE]; /* "": none */
    char csrf[SECRET_SIZE];
};

static struct x509_cert *second_card; /* somebody else's */

static int make_cards(void **state)
{
    struct profile_inputs inputs;

    assert_int_equal(platform_calls_make(state), 0);
    inputs = test_pki_inputs(&calls.pki, PROFILE_AUTH);
    inputs.spki = test_pki_spki(&calls.pki, PROFILE_AUTH);
    inputs.serial = 77;
    test_pki_issue(&calls.pki, PROFILE_AUTH, &inputs, &second_card);
    return 0;
}

static int release_cards(void **state)
{
    x509_cert_freep(&second_card);
    return platform_calls_done(state);
}

static struct platform_store *store(void)
{
    return calls.site.platform.store;
}

static void set_clock(int64_t after)
{
    calls.site.clock = clock_fixed(TEST_PKI_NOW + after);
}

/* ---- the browser ---- */

/* The value of a cookie that the answer sets; false if it sets none of that name. */
static bool take_cookie(struct answer *answer, const char *name, char ret[SECRET_SIZE])
{
    char needle[64];
    const char *text;
    const char *at;

    (void)snprintf(needle, sizeof needle, "\r\nSet-Cookie: %s=", name);
    assert_int_equal(buf_text(&answer->text, &text, NULL), 0);
    at = strstr(text, needle);
    if (at == NULL)
        return false;
    at += strlen(needle);
    (void)snprintf(ret, SECRET_SIZE, "%.*s", (int)strcspn(at, ";\r"), at);
    return true;
}

static void assert_attribute(struct answer *answer, const char *attribute)
{
    const char *text;

    assert_int_equal(buf_text(&answer->text, &text, NULL), 0);
    if (strstr(strstr(text, "Set-Cookie: "), attribute) == NULL)
        fail_msg("no %s in %s", attribute, text);
}

/* As this browser; token: whether it shows what it has read. */
static struct answer browse(struct browser *browser, const char *line, bool token,
                            struct json *body)
{
    char field[FIELD_SIZE];

    (void)snprintf(field, sizeof field, "Cookie: a=b; jpki_console_login=%s; jpki_console=%s%s%s",
                   browser->opening, browser->session, token ? "\r\nX-CSRF-Token: " : "",
                   token ? browser->csrf : "");
    if (browser->session[0] == '\0')
        (void)snprintf(field, sizeof field, "Cookie: jpki_console_login=%s", browser->opening);
    struct answer answer = ask_with(line, NULL, field, body);

    (void)take_cookie(&answer, "jpki_console_login", browser->opening);
    (void)take_cookie(&answer, "jpki_console", browser->session);
    return answer;
}

static unsigned status_of(struct browser *browser, const char *line, bool token, struct json *body)
{
    CLEANUP(answer_done) struct answer answer = browse(browser, line, token, body);

    return answer.status;
}

/* An invitation; ret_id may be NULL. */
static void invite(const char *key, const char *name, const char *role, char ret_code[SECRET_SIZE],
                   char ret_id[SECRET_SIZE])
{
    struct json *body = one_member("name", name);

    assert_int_equal(json_put_text(body, "role", role, NULL), 0);
    CLEANUP(answer_done) struct answer made = ask("POST /v1/tenant/members", key, body);
    assert_int_equal(made.status, 201);
    (void)snprintf(ret_code, SECRET_SIZE, "%s", text_of(&made, "invitation"));
    if (ret_id != NULL)
        (void)snprintf(ret_id, SECRET_SIZE, "%s", text_of(&made, "id"));
}

static struct json *invitation_body(const char *code)
{
    return code == NULL ? json_object_new() : one_member("invitation", code);
}

/* What the program with the card reads and sends: the address, and the code on the screen. */
static unsigned answer_with(const struct x509_cert *card, const struct answer *opened)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct bound bound = {.origin = PLATFORM_SITE_ORIGIN, .session = text_of(opened, "session")};
    struct json *body = json_object_new();
    const struct json *provider;
    struct digest digest;
    const char *text;
    char line[128];

    (void)snprintf(line, sizeof line, "GET %s",
                   text_of(opened, "address") + strlen(PLATFORM_SITE_ORIGIN));
    CLEANUP(answer_done) struct answer read = ask(line, NULL, NULL);
    assert_int_equal(read.status, 200);
    assert_int_equal(json_get_object(read.json, "provider", &provider, NULL), 0);
    assert_int_equal(json_get_text(provider, "origin", &text, NULL), 0);
    assert_string_equal(text, PLATFORM_SITE_ORIGIN);
    assert_int_equal(json_get_text(provider, "client_id", &bound.client_id, NULL), 0);
    assert_int_equal(json_get_base64(read.json, "nonce", &nonce, NULL), 0);
    assert_int_equal(json_get_int(read.json, "expires_at", &bound.expires_at, NULL), 0);
    bound.nonce = buf_bytes(&nonce);
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(privkey_sign(calls.pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    platform_site_encrypt(&calls.site, card, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "code", text_of(opened, "code"), NULL), 0);
    (void)snprintf(line, sizeof line, "POST /v1/logins/%s/answer", bound.session);
    CLEANUP(answer_done) struct answer sent = ask(line, NULL, body);
    return sent.status;
}

static void login_line(const struct answer *opened, char ret[128])
{
    (void)snprintf(ret, 128, "GET /v1/console/logins/%s", text_of(opened, "session"));
}

static struct answer open_with(struct browser *browser, const char *code)
{
    struct answer opened = browse(browser, "POST /v1/console/logins", false, invitation_body(code));

    assert_int_equal(opened.status, 201);
    return opened;
}

/* The whole way; the status of the end of it. */
static unsigned log_in(struct browser *browser, const char *code, const struct x509_cert *card)
{
    CLEANUP(answer_done) struct answer opened = open_with(browser, code);
    char line[128];

    login_line(&opened, line);
    assert_int_equal(answer_with(card, &opened), 204);
    CLEANUP(answer_done) struct answer done = browse(browser, line, false, NULL);
    if (done.status != 200)
        return done.status;
    assert_string_equal(text_of(&done, "state"), "done");
    CLEANUP(answer_done) struct answer me = browse(browser, "GET /v1/console/me", false, NULL);
    assert_int_equal(me.status, 200);
    (void)snprintf(browser->csrf, sizeof browser->csrf, "%s", text_of(&me, "csrf"));
    return 200;
}

/* Somebody new, with that role for the bank or the shop. */
static struct browser member_of(const char *key, const char *role, const struct x509_cert *card,
                                char ret_id[SECRET_SIZE])
{
    struct browser browser = {.session = ""};
    char code[SECRET_SIZE];

    invite(key, "somebody", role, code, ret_id);
    assert_int_equal(log_in(&browser, code, card), 200);
    return browser;
}

/* ---- invitations ---- */

static void an_invitation_makes_the_holder_of_a_card_a_member(void **state)
{
    struct browser browser = {.session = ""};
    char code[SECRET_SIZE];
    char id[SECRET_SIZE];
    char line[128];
    const struct json *member;
    const struct json *tenant;
    const char *text;

    (void)state;
    invite(BANK, "係長", "developer", code, id);
    CLEANUP(answer_done) struct answer opened = open_with(&browser, code);
    assert_attribute(&opened, "; Path=/; Max-Age=120; HttpOnly; SameSite=Strict; Secure");
    login_line(&opened, line);
    CLEANUP(answer_done) struct answer waiting = browse(&browser, line, false, NULL);
    assert_string_equal(text_of(&waiting, "state"), "waiting");
    assert_string_equal(browser.session, "");
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    CLEANUP(answer_done) struct answer done = browse(&browser, line, false, NULL);
    assert_string_equal(text_of(&done, "state"), "done");
    assert_attribute(&done, "; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure");
    assert_int_equal(strlen(browser.session), 43);
    assert_string_equal(browser.opening, ""); /* taken away */
    CLEANUP(answer_done) struct answer me = browse(&browser, "GET /v1/console/me", false, NULL);
    assert_int_equal(json_get_object(me.json, "member", &member, NULL), 0);
    assert_int_equal(json_get_text(member, "id", &text, NULL), 0);
    assert_string_equal(text, id);
    assert_int_equal(json_get_text(member, "name", &text, NULL), 0);
    assert_string_equal(text, "係長");
    assert_int_equal(json_get_text(member, "role", &text, NULL), 0);
    assert_string_equal(text, "developer");
    assert_int_equal(json_get_object(me.json, "tenant", &tenant, NULL), 0);
    assert_int_equal(json_get_text(tenant, "client_id", &text, NULL), 0);
    assert_string_equal(text, "bank");
    assert_int_equal(status_of(&browser, "GET /v1/verifications", false, NULL), 200);
    /* The next time the card is enough. */
    browser = (struct browser){.session = ""};
    assert_int_equal(log_in(&browser, NULL, calls.auth_cert), 200);
    assert_int_equal(status_of(&browser, "GET /v1/verifications", false, NULL), 200);
}

static void who_was_not_invited_gets_no_session(void **state)
{
    struct browser browser = {.session = ""};
    char line[128];

    (void)state;
    CLEANUP(answer_done) struct answer opened = open_with(&browser, NULL);
    login_line(&opened, line);
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    assert_int_equal(status_of(&browser, line, false, NULL), 403);
    assert_string_equal(browser.session, "");
    CLEANUP(answer_done) struct answer over = browse(&browser, line, false, NULL);
    assert_string_equal(text_of(&over, "state"), "expired"); /* it is spent */
}

static void an_invitation_is_good_to_its_last_second_once_and_for_one(void **state)
{
    struct browser first = {.session = ""};
    struct browser second = {.session = ""};
    char code[SECRET_SIZE];
    char late[SECRET_SIZE];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    invite(BANK, "b", "owner", late, NULL);
    set_clock(INVITATION_SECONDS);
    assert_int_equal(log_in(&first, code, calls.auth_cert), 200);
    assert_int_equal(status_of(&second, "POST /v1/console/logins", false, invitation_body(code)),
                     403);
    set_clock(INVITATION_SECONDS + 1);
    assert_int_equal(status_of(&second, "POST /v1/console/logins", false, invitation_body(late)),
                     403);
    assert_int_equal(
        status_of(&second, "POST /v1/console/logins", false, invitation_body("nobody's")), 403);
}

static void an_invitation_that_ends_while_the_card_is_looked_for_binds_nobody(void **state)
{
    struct browser browser = {.session = ""};
    char code[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    set_clock(INVITATION_SECONDS);
    CLEANUP(answer_done) struct answer opened = open_with(&browser, code);
    login_line(&opened, line);
    set_clock(INVITATION_SECONDS + 1);
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    assert_int_equal(status_of(&browser, line, false, NULL), 403);
    assert_string_equal(browser.session, "");
}

static void two_with_one_invitation_are_one_member(void **state)
{
    struct browser first = {.session = ""};
    struct browser second = {.session = ""};
    char code[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    CLEANUP(answer_done) struct answer one = open_with(&first, code);
    CLEANUP(answer_done) struct answer two = open_with(&second, code);
    assert_int_equal(answer_with(calls.auth_cert, &one), 204);
    assert_int_equal(answer_with(second_card, &two), 204);
    login_line(&one, line);
    assert_int_equal(status_of(&first, line, false, NULL), 200);
    login_line(&two, line);
    assert_int_equal(status_of(&second, line, false, NULL), 403);
    assert_string_equal(second.session, "");
}

static void a_withdrawn_invitation_is_nobodys(void **state)
{
    struct browser browser = {.session = ""};
    char code[SECRET_SIZE];
    char id[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, id);
    (void)snprintf(line, sizeof line, "DELETE /v1/tenant/members/%s", id);
    assert_status(line, SHOP, NULL, 404);
    assert_status(line, BANK, NULL, 204);
    assert_status(line, BANK, NULL, 404);
    assert_int_equal(status_of(&browser, "POST /v1/console/logins", false, invitation_body(code)),
                     403);
}

static void nobody_is_a_member_of_one_tenant_twice(void **state)
{
    struct browser browser = member_of(BANK, "auditor", calls.auth_cert, NULL);
    char code[SECRET_SIZE];

    (void)state;
    invite(BANK, "again", "owner", code, NULL);
    assert_int_equal(log_in(&browser, code, calls.auth_cert), 409);
    assert_int_equal(status_of(&browser, "GET /v1/tenant/keys", false, NULL), 403);
    /* The invitation is still there for whom it was meant. */
    browser = (struct browser){.session = ""};
    assert_int_equal(log_in(&browser, code, second_card), 200);
    assert_int_equal(status_of(&browser, "GET /v1/tenant/keys", false, NULL), 200);
}

static void members_have_a_name_a_role_and_a_number_at_most(void **state)
{
    char name[MEMBER_NAME_MAX + 2];
    struct member_inputs inputs = {"bank", name, "owner"};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char code[MEMBER_SECRET_SIZE];
    struct member made;

    (void)state;
    memset(name, 'n', sizeof name);
    name[MEMBER_NAME_MAX + 1] = '\0';
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), -ERR_INPUT);
    name[MEMBER_NAME_MAX] = '\0';
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), 0);
    inputs.role = "operator";
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), -ERR_INPUT);
    inputs = (struct member_inputs){"", "n", "owner"};
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), -ERR_INPUT);
    inputs = (struct member_inputs){"nobody", "n", "owner"};
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), -ERR_ABSENT);
    inputs.client_id = "bank";
    for (int i = 1; i < MEMBERS_MAX; i++)
        assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), 0);
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), -ERR_CONFLICT);
    assert_int_equal(platform_remove_member(store(), "bank", made.id, &by, NULL), 0);
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), 0);
}

/* ---- whose browser ---- */

static void another_browser_does_not_get_the_session(void **state)
{
    struct browser own = {.session = ""};
    struct browser other = {.session = ""};
    char code[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    CLEANUP(answer_done) struct answer opened = open_with(&own, code);
    CLEANUP(answer_done) struct answer others = open_with(&other, NULL);
    login_line(&opened, line);
    assert_string_not_equal(text_of(&others, "session"), text_of(&opened, "session"));
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    assert_int_equal(status_of(&other, line, false, NULL), 403);
    assert_status(line, NULL, NULL, 403);
    assert_string_equal(other.session, "");
    /* Two cookies of one name: somebody else may have set either. */
    char field[FIELD_SIZE];
    (void)snprintf(field, sizeof field, "Cookie: jpki_console_login=%s; jpki_console_login=x",
                   own.opening);
    CLEANUP(answer_done) struct answer two = ask_with(line, NULL, field, NULL);
    assert_int_equal(two.status, 403);
    assert_int_equal(status_of(&own, line, false, NULL), 200);
}

static void a_session_that_was_planted_is_not_the_one_of_the_login(void **state)
{
    struct browser victim = {.session = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    struct browser attacker = member_of(SHOP, "owner", second_card, NULL);
    char planted[SECRET_SIZE];
    char code[SECRET_SIZE];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    assert_int_equal(log_in(&victim, code, calls.auth_cert), 200);
    assert_string_not_equal(victim.session, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    /* The attacker's own, living session in the victim's browser: it ends at the login. */
    memcpy(planted, attacker.session, sizeof planted);
    memcpy(victim.session, planted, sizeof planted);
    assert_int_equal(log_in(&victim, NULL, calls.auth_cert), 200);
    assert_string_not_equal(victim.session, planted);
    assert_int_equal(status_of(&attacker, "GET /v1/console/me", false, NULL), 403);
}

static void a_login_of_the_console_is_redeemed_by_its_browser_alone(void **state)
{
    struct browser browser = {.session = ""};
    char code[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    CLEANUP(answer_done) struct answer opened = open_with(&browser, code);
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    (void)snprintf(line, sizeof line, "POST /v1/logins/%s/redeem", text_of(&opened, "session"));
    assert_status(line, NULL, one_member("secret", browser.opening), 404);
    /* Nor does a tenant's login lead to a session. */
    CLEANUP(answer_done)
    struct answer tenants = ask("POST /v1/logins", NULL, one_member("client_id", "bank"));
    struct browser other = {.session = ""};
    (void)snprintf(other.opening, sizeof other.opening, "%s", text_of(&tenants, "secret"));
    (void)snprintf(line, sizeof line, "POST /v1/logins/%s/answer", text_of(&tenants, "session"));
    assert_status(line, NULL, login_body(&tenants), 204);
    login_line(&tenants, line);
    assert_int_equal(status_of(&other, line, false, NULL), 403);
}

static void the_platforms_own_name_is_no_tenants(void **state)
{
    const struct tenant_inputs inputs = {LOGIN_CONSOLE_CLIENT, "x", "https://x.example"};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char key[TENANT_KEY_SIZE];

    (void)state;
    assert_int_equal(tenant_add(store(), &inputs, &by, key, NULL), -ERR_INPUT);
    assert_status("POST /v1/logins", NULL, one_member("client_id", LOGIN_CONSOLE_CLIENT), 404);
}

/* ---- what a session is good for ---- */

static void each_role_may_do_with_a_session_what_it_may_with_a_key(void **state)
{
    static const struct {
        const char *line;
        bool may[ROLES_]; /* owner, developer, auditor, billing */
    } rows[] = {
        {"GET /v1/verifications", {true, true, true, false}},
        {"DELETE /v1/verifications/AAAAAAAAAAAAAAAAAAAAAA", {true, true, false, false}},
        {"POST /v1/verifications", {true, true, false, false}},
        {"GET /v1/webhooks", {true, true, false, false}},
        {"GET /v1/tenant", {true, true, true, true}},
        {"GET /v1/fees?month=2026-01", {true, true, true, true}},
        {"GET /v1/tenant/keys", {true, false, false, false}},
        {"GET /v1/tenant/members", {true, false, false, false}},
        {"POST /v1/tenant/members", {true, false, false, false}},
        {"DELETE /v1/tenant/members/AAAAAAAAAAAAAAAAAAAAAA", {true, false, false, false}},
        {"GET /v1/audit", {false, false, false, false}},
    };

    (void)state;
    for (unsigned role = 0; role < ROLES_; role++) {
        char id[SECRET_SIZE];
        char line[128];
        struct browser browser = member_of(BANK, tenant_roles[role], calls.auth_cert, id);

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            bool has_body = strncmp(rows[i].line, "POST", 4) == 0;
            unsigned status = status_of(&browser, rows[i].line, true,
                                        has_body ? json_object_new() : NULL);

            if ((status != 403) != rows[i].may[role])
                fail_msg("%s as %s: %u", rows[i].line, tenant_roles[role], status);
        }
        (void)snprintf(line, sizeof line, "DELETE /v1/tenant/members/%s", id);
        assert_status(line, BANK, NULL, 204);
    }
}

static void a_change_needs_the_token_of_this_session(void **state)
{
    static const char *const lines[] = {"POST /v1/tenant/members", "POST /v1/verifications",
                                        "DELETE /v1/tenant/members/AAAAAAAAAAAAAAAAAAAAAA",
                                        "POST /v1/console/logout"};
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, NULL);
    struct browser other = member_of(SHOP, "owner", second_card, NULL);
    char own[SECRET_SIZE];

    (void)state;
    memcpy(own, browser.csrf, sizeof own);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        bool has_body = strncmp(lines[i], "POST /v1/c", 10) != 0 && lines[i][0] == 'P';

        assert_int_equal(status_of(&browser, lines[i], false, has_body ? json_object_new() : NULL),
                         403);
        memcpy(browser.csrf, other.csrf, sizeof own);
        assert_int_equal(status_of(&browser, lines[i], true, has_body ? json_object_new() : NULL),
                         403);
        (void)snprintf(browser.csrf, sizeof browser.csrf, "%.42s", own);
        assert_int_equal(status_of(&browser, lines[i], true, has_body ? json_object_new() : NULL),
                         403);
        memcpy(browser.csrf, own, sizeof own);
        assert_int_not_equal(
            status_of(&browser, lines[i], true, has_body ? json_object_new() : NULL), 403);
    }
}

static void a_key_and_a_session_at_once_are_refused(void **state)
{
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, NULL);
    char field[FIELD_SIZE];

    (void)state;
    (void)snprintf(field, sizeof field, "Cookie: jpki_console=%s", browser.session);
    CLEANUP(answer_done) struct answer both = ask_with("GET /v1/tenant", BANK, field, NULL);
    assert_int_equal(both.status, 400);
    CLEANUP(answer_done) struct answer me = ask_with("GET /v1/console/me", BANK, field, NULL);
    assert_int_equal(me.status, 400);
    CLEANUP(answer_done) struct answer one = ask_with("GET /v1/tenant", NULL, field, NULL);
    assert_int_equal(one.status, 200);
    CLEANUP(answer_done)
    struct answer dead = ask_with("GET /v1/tenant", NULL, "Cookie: jpki_console=nobody", NULL);
    assert_int_equal(dead.status, 403);
}

static void a_member_sees_and_changes_its_own_tenant_alone(void **state)
{
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, NULL);
    char shops[SECRET_SIZE];
    struct browser other = member_of(SHOP, "owner", second_card, shops);
    CLEANUP(answer_done)
    struct answer made = ask("POST /v1/verifications", SHOP, verification_body("a contract"));
    const struct json *members;
    char line[128];

    (void)state;
    assert_int_equal(made.status, 201);
    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s", text_of(&made, "id"));
    assert_int_equal(status_of(&browser, line, false, NULL), 404);
    assert_int_equal(status_of(&other, line, false, NULL), 200);
    (void)snprintf(line, sizeof line, "DELETE /v1/tenant/members/%s", shops);
    assert_int_equal(status_of(&browser, line, true, NULL), 404);
    CLEANUP(answer_done)
    struct answer list = browse(&browser, "GET /v1/tenant/members", false, NULL);
    assert_int_equal(json_get_array(list.json, "members", &members, NULL), 0);
    assert_int_equal(json_count(members), 1);
    assert_false(json_has(json_at(members, 0), "invitation"));
    assert_false(json_has(json_at(members, 0), "expires"));
    assert_int_equal(status_of(&other, "GET /v1/console/me", false, NULL), 200);
}

static void a_session_pays_and_asks_from_where_its_tenant_does(void **state)
{
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, NULL);
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const struct tenant_rules rules = {.rate = 2, .sources = ""};
    const struct tenant_rules elsewhere = {.sources = "192.0.2.7"};
    unsigned last = 200;

    (void)state;
    assert_int_equal(platform_set_tenant_rules(store(), "bank", &rules, &by, NULL), 0);
    for (int i = 0; i < 4 && last == 200; i++)
        last = status_of(&browser, "GET /v1/tenant", false, NULL);
    assert_int_equal(last, 429);
    assert_int_equal(platform_set_tenant_rules(store(), "bank", &elsewhere, &by, NULL), 0);
    assert_int_equal(status_of(&browser, "GET /v1/tenant", false, NULL), 403);
}

static void an_operators_member_has_no_tenant(void **state)
{
    const struct member_inputs inputs = {"", "the operator", "operator"};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    struct browser browser = {.session = ""};
    char code[MEMBER_SECRET_SIZE];
    struct member made;
    bool is_operator = false;

    (void)state;
    assert_int_equal(member_invite(store(), &inputs, &by, code, &made, NULL), 0);
    assert_int_equal(log_in(&browser, code, calls.auth_cert), 200);
    CLEANUP(answer_done) struct answer me = browse(&browser, "GET /v1/console/me", false, NULL);
    assert_true(json_is_null_member(me.json, "tenant"));
    assert_int_equal(json_get_bool(me.json, "operator", &is_operator, NULL), 0);
    assert_true(is_operator);
    assert_int_equal(status_of(&browser, "GET /v1/tenant", false, NULL), 403);
    assert_int_equal(status_of(&browser, "GET /v1/verifications", false, NULL), 403);
}

/* ---- how it ends ---- */

static void a_session_ends_when_its_person_says_so(void **state)
{
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, NULL);
    struct browser copy = browser;
    CLEANUP(answer_done)
    struct answer out = browse(&browser, "POST /v1/console/logout", true, NULL);

    (void)state;
    assert_int_equal(out.status, 204);
    assert_attribute(&out, "jpki_console=; Path=/; Max-Age=0");
    assert_string_equal(browser.session, "");
    assert_int_equal(status_of(&copy, "GET /v1/console/me", false, NULL), 403);
}

static void a_session_ends_with_its_member(void **state)
{
    char id[SECRET_SIZE];
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, id);
    char line[128];

    (void)state;
    (void)snprintf(line, sizeof line, "DELETE /v1/tenant/members/%s", id);
    assert_status(line, BANK, NULL, 204);
    assert_int_equal(status_of(&browser, "GET /v1/tenant", false, NULL), 403);
    assert_int_equal(status_of(&browser, "GET /v1/console/me", false, NULL), 403);
    browser = (struct browser){.session = ""};
    assert_int_equal(log_in(&browser, NULL, calls.auth_cert), 403);
    /* Whoever is invited again is a member again. */
    browser = member_of(BANK, "auditor", calls.auth_cert, NULL);
    assert_int_equal(status_of(&browser, "GET /v1/tenant", false, NULL), 200);
}

static void a_session_ends_when_it_was_idle_or_is_old(void **state)
{
    struct browser idle = member_of(BANK, "owner", calls.auth_cert, NULL);
    struct browser busy = {.session = ""};
    int64_t at;

    (void)state;
    assert_int_equal(log_in(&busy, NULL, calls.auth_cert), 200);
    set_clock(SESSION_IDLE_SECONDS);
    assert_int_equal(status_of(&busy, "GET /v1/tenant", false, NULL), 200);
    set_clock(SESSION_IDLE_SECONDS + 1);
    assert_int_equal(status_of(&idle, "GET /v1/tenant", false, NULL), 403);
    for (at = SESSION_IDLE_SECONDS * 2; at < SESSION_SECONDS; at += SESSION_IDLE_SECONDS) {
        set_clock(at);
        assert_int_equal(status_of(&busy, "GET /v1/console/me", false, NULL), 200);
    }
    set_clock(SESSION_SECONDS);
    assert_int_equal(status_of(&busy, "GET /v1/tenant", false, NULL), 200);
    set_clock(SESSION_SECONDS + 1);
    assert_int_equal(status_of(&busy, "GET /v1/tenant", false, NULL), 403);
}

static void of_too_many_sessions_the_oldest_ends(void **state)
{
    struct browser first = member_of(BANK, "owner", calls.auth_cert, NULL);
    struct browser second = {.session = ""};

    (void)state;
    set_clock(1);
    assert_int_equal(log_in(&second, NULL, calls.auth_cert), 200);
    for (int i = 2; i < MEMBER_SESSIONS_MAX; i++) {
        struct browser next = {.session = ""};

        set_clock(i);
        assert_int_equal(log_in(&next, NULL, calls.auth_cert), 200);
    }
    assert_int_equal(status_of(&first, "GET /v1/tenant", false, NULL), 200);
    struct browser last = {.session = ""};
    assert_int_equal(log_in(&last, NULL, calls.auth_cert), 200);
    assert_int_equal(status_of(&first, "GET /v1/tenant", false, NULL), 403);
    assert_int_equal(status_of(&second, "GET /v1/tenant", false, NULL), 200);
}

/* ---- what is kept ---- */

static void the_database_has_neither_codes_nor_cookies(void **state)
{
    struct browser browser = {.session = ""};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    char opening[SECRET_SIZE];
    char code[SECRET_SIZE];
    char line[128];

    (void)state;
    invite(BANK, "a", "owner", code, NULL);
    CLEANUP(answer_done) struct answer opened = open_with(&browser, code);
    memcpy(opening, browser.opening, sizeof opening);
    login_line(&opened, line);
    assert_int_equal(answer_with(calls.auth_cert, &opened), 204);
    assert_int_equal(status_of(&browser, line, false, NULL), 200);
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(file_read(calls.site.database, 1 << 22, &file, NULL), 0);
    assert_non_null(memmem(file.ptr, file.len, "session.opened", 14));
    assert_null(memmem(file.ptr, file.len, code, strlen(code)));
    assert_null(memmem(file.ptr, file.len, opening, strlen(opening)));
    assert_null(memmem(file.ptr, file.len, browser.session, strlen(browser.session)));
}

static void the_log_says_which_member_did_what(void **state)
{
    char id[SECRET_SIZE];
    struct browser browser = member_of(BANK, "owner", calls.auth_cert, id);
    CLEANUP(json_freep) struct json *page = NULL;
    struct json *body = one_member("name", "k");
    char expected[512];

    (void)state;
    assert_int_equal(json_put_text(body, "role", "auditor", NULL), 0);
    assert_int_equal(status_of(&browser, "POST /v1/tenant/keys", true, body), 201);
    assert_int_equal(status_of(&browser, "POST /v1/console/logout", true, NULL), 204);
    (void)snprintf(expected, sizeof expected,
                   "tenant.added self\n"
                   "tenant.added self\n"
                   "member.invited tenant:bank owner\n"
                   "login.answered client:console valid ocsp 1700000004/1700000005\n"
                   "login.redeemed client:console\n"
                   "member.bound client:console\n"
                   "session.opened client:console\n"
                   "tenant.key-added member:%s auditor\n"
                   "session.ended member:%s\n",
                   id, id);
    assert_int_equal(audit_list(platform_store_db(store()), NULL, &page, NULL), 0);
    assert_log(json_steal(&page), expected);
}

static void a_database_of_before_keeps_its_open_logins(void **state)
{
    const char *scripts[16] = {NULL};
    const struct db_schema old = {platform_schema.name, scripts};
    struct db *db = NULL;
    struct login found;

    (void)state;
    for (size_t i = 0; i < 12; i++) /* all before members */
        scripts[i] = platform_schema.migrations[i];
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(remove(calls.site.database), 0);
    assert_int_equal(db_open(calls.site.database, &old, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO tenant (client_id, name, origin, key)"
                                    " VALUES ('bank', 'B', 'https://b', x'00')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO login VALUES ('s', 'bank', zeroblob(32), 9,"
                                    " zeroblob(32), '123456', 2, NULL, 1)",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_closep(&db);
    assert_int_equal(platform_store_open(calls.site.database, &calls.site.platform.store, NULL), 0);
    assert_int_equal(platform_get_login(store(), "s", &found, NULL), 0);
    assert_string_equal(found.client_id, "bank");
    assert_string_equal(found.code, "123456");
    assert_int_equal(found.wrong_codes, 2);
    assert_false(found.is_console);
    assert_false(found.is_answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(an_invitation_makes_the_holder_of_a_card_a_member),
        WITH_PLATFORM(who_was_not_invited_gets_no_session),
        WITH_PLATFORM(an_invitation_is_good_to_its_last_second_once_and_for_one),
        WITH_PLATFORM(an_invitation_that_ends_while_the_card_is_looked_for_binds_nobody),
        WITH_PLATFORM(two_with_one_invitation_are_one_member),
        WITH_PLATFORM(a_withdrawn_invitation_is_nobodys),
        WITH_PLATFORM(nobody_is_a_member_of_one_tenant_twice),
        WITH_PLATFORM(members_have_a_name_a_role_and_a_number_at_most),
        WITH_PLATFORM(another_browser_does_not_get_the_session),
        WITH_PLATFORM(a_session_that_was_planted_is_not_the_one_of_the_login),
        WITH_PLATFORM(a_login_of_the_console_is_redeemed_by_its_browser_alone),
        WITH_PLATFORM(the_platforms_own_name_is_no_tenants),
        WITH_PLATFORM(each_role_may_do_with_a_session_what_it_may_with_a_key),
        WITH_PLATFORM(a_change_needs_the_token_of_this_session),
        WITH_PLATFORM(a_key_and_a_session_at_once_are_refused),
        WITH_PLATFORM(a_member_sees_and_changes_its_own_tenant_alone),
        WITH_PLATFORM(a_session_pays_and_asks_from_where_its_tenant_does),
        WITH_PLATFORM(an_operators_member_has_no_tenant),
        WITH_PLATFORM(a_session_ends_when_its_person_says_so),
        WITH_PLATFORM(a_session_ends_with_its_member),
        WITH_PLATFORM(a_session_ends_when_it_was_idle_or_is_old),
        WITH_PLATFORM(of_too_many_sessions_the_oldest_ends),
        WITH_PLATFORM(the_database_has_neither_codes_nor_cookies),
        WITH_PLATFORM(the_log_says_which_member_did_what),
        WITH_PLATFORM(a_database_of_before_keeps_its_open_logins),
    };

    return cmocka_run_group_tests(tests, make_cards, release_cards);
}
