/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and sessions of a portal: whose they are, how long they count, and how they end. */
#include "support/portal_site.h"

#include "support/auditlog.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;

static int setup(void **state)
{
    (void)state;
    portal_site_make(&site);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static void nobody_is_told_anything_without_a_session(void **state)
{
    static const char *const lines[] = {"GET /v1/me", "GET /v1/sessions", "DELETE /v1/sessions",
                                        "DELETE /v1/sessions/AAAAAAAAAAAAAAAAAAAAAA"};
    struct portal_browser stranger = {.cookie = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(portal_status(&site, NULL, lines[i], NULL), 403);
        assert_int_equal(portal_status(&site, &stranger, lines[i], NULL), 403);
    }
}

/* Somebody above this host in the domain must not choose which of two cookies counts. */
static void two_cookies_of_one_name_are_none(void **state)
{
    struct portal_browser browser;
    char field[256];

    (void)state;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    (void)snprintf(field, sizeof field, "Cookie: " PORTAL_COOKIE "=%s; " PORTAL_COOKIE "=x\r\n",
                   browser.cookie);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, NULL, "GET /v1/me", field, NULL, NULL);
    assert_int_equal(answer.status, 403);
}

/* Whoever has no session is told so, by no failure, and nothing else; it is used by asking. */
static void whether_anybody_is_in_is_told_to_anyone(void **state)
{
    struct portal_browser browser;
    struct portal_browser stranger = {.cookie = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    struct portal_browser *const nobodies[] = {NULL, &stranger, &browser};
    const struct session session = portal_site_open(&site, &browser, "sub-1", 1);

    (void)state;
    portal_site_at(&site, PORTAL_SESSION_IDLE);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, "GET /v1/session", NULL);
        const struct json *me;
        const char *text;

        assert_int_equal(answer.status, 200);
        assert_int_equal(json_get_object(answer.json, "me", &me, NULL), 0);
        assert_int_equal(json_get_text(me, "account", &text, NULL), 0);
        assert_string_equal(text, session.account.id);
        assert_int_equal(json_get_text(me, "csrf", &text, NULL), 0);
        assert_string_equal(text, session.csrf);
    }
    portal_site_at(&site, 2 * PORTAL_SESSION_IDLE);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    portal_site_at(&site, 3 * PORTAL_SESSION_IDLE + 1);
    for (size_t i = 0; i < sizeof nobodies / sizeof nobodies[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, nobodies[i], "GET /v1/session", NULL);

        assert_int_equal(answer.status, 200);
        assert_true(portal_has(&answer, "\r\n\r\n{\"me\":null}"));
        assert_true(portal_has(&answer, "Cache-Control: no-store\r\n"));
        assert_false(portal_has(&answer, "Set-Cookie"));
    }
}

static void changes_need_the_token_of_the_session(void **state)
{
    struct portal_browser first;
    struct portal_browser second;
    char token[PORTAL_SECRET_SIZE];

    (void)state;
    (void)portal_site_open(&site, &first, "sub-1", 1);
    (void)portal_site_open(&site, &second, "sub-1", 1);
    memcpy(token, first.csrf, sizeof token);
    first.csrf[0] = '\0';
    assert_int_equal(portal_status(&site, &first, "DELETE /v1/sessions", NULL), 403);
    memcpy(first.csrf, second.csrf, sizeof first.csrf);
    assert_int_equal(portal_status(&site, &first, "DELETE /v1/sessions", NULL), 403);
    assert_int_equal(portal_status(&site, &first, "GET /v1/me", NULL), 200);
    memcpy(first.csrf, token, sizeof token);
    assert_int_equal(portal_status(&site, &first, "DELETE /v1/sessions", NULL), 200);
}

static void a_session_ends_when_nobody_uses_it(void **state)
{
    struct portal_browser browser;

    (void)state;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    portal_site_at(&site, PORTAL_SESSION_IDLE);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    portal_site_at(&site, 2 * PORTAL_SESSION_IDLE);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    portal_site_at(&site, 3 * PORTAL_SESSION_IDLE + 1);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 403);
}

static void a_session_ends_however_much_it_is_used(void **state)
{
    struct portal_browser browser;

    (void)state;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    for (int64_t at = 0; at < PORTAL_SESSION_SECONDS; at += PORTAL_SESSION_IDLE) {
        portal_site_at(&site, at);
        assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    }
    portal_site_at(&site, PORTAL_SESSION_SECONDS);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    portal_site_at(&site, PORTAL_SESSION_SECONDS + 1);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 403);
}

static void me_is_whose_session_it_is(void **state)
{
    struct portal_browser browser;
    const struct session session = portal_site_open(&site, &browser, "sub-1", 1);

    (void)state;
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &browser, "GET /v1/me", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(portal_text(&answer, "account"), session.account.id);
    assert_string_equal(portal_text(&answer, "csrf"), browser.csrf);
    assert_true(portal_has(&answer, "Cache-Control: no-store"));
    assert_false(portal_has(&answer, "sub-1"));
    assert_false(portal_has(&answer, browser.cookie));
}

static void somebody_elses_session_is_nobodys(void **state)
{
    struct portal_browser mine;
    struct portal_browser other;
    const struct session session = portal_site_open(&site, &other, "sub-2", 2);
    char line[80];

    (void)state;
    (void)portal_site_open(&site, &mine, "sub-1", 1);
    (void)snprintf(line, sizeof line, "DELETE /v1/sessions/%s", session.id);
    assert_int_equal(portal_status(&site, &mine, line, NULL), 404);
    assert_int_equal(portal_status(&site, &other, "GET /v1/me", NULL), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &mine, "GET /v1/sessions", NULL);
    assert_false(portal_has(&answer, session.id));
    assert_int_equal(portal_status(&site, &other, line, NULL), 204);
    assert_string_equal(other.cookie, "");
}

static void all_of_an_account_end_everywhere_and_nobody_elses(void **state)
{
    struct portal_browser first;
    struct portal_browser second;
    struct portal_browser other;

    (void)state;
    (void)portal_site_open(&site, &first, "sub-1", 1);
    (void)portal_site_open(&site, &second, "sub-1", 1);
    (void)portal_site_open(&site, &other, "sub-2", 2);
    {
        /* The provider is not there: they are over here all the same, and it is said. */
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &first, "DELETE /v1/sessions", NULL);

        assert_int_equal(answer.status, 200);
        assert_true(portal_has(&answer, "\"address\":null"));
        assert_true(portal_has(&answer, "\"others\":1"));
        assert_true(portal_has(&answer, "\"others_asked\":0"));
    }
    assert_string_equal(first.cookie, "");
    assert_int_equal(portal_status(&site, &second, "GET /v1/me", NULL), 403);
    assert_int_equal(portal_status(&site, &other, "GET /v1/me", NULL), 200);
}

static void the_oldest_session_goes_where_there_are_too_many(void **state)
{
    struct portal_browser browsers[PORTAL_SESSIONS_MAX + 1];

    (void)state;
    for (unsigned i = 0; i < PORTAL_SESSIONS_MAX; i++) {
        portal_site_at(&site, i);
        (void)portal_site_open(&site, &browsers[i], "sub-1", 1);
    }
    assert_int_equal(portal_status(&site, &browsers[0], "GET /v1/me", NULL), 200);
    portal_site_at(&site, PORTAL_SESSIONS_MAX);
    (void)portal_site_open(&site, &browsers[PORTAL_SESSIONS_MAX], "sub-1", 1);
    assert_int_equal(portal_status(&site, &browsers[0], "GET /v1/me", NULL), 403);
    for (unsigned i = 1; i <= PORTAL_SESSIONS_MAX; i++)
        assert_int_equal(portal_status(&site, &browsers[i], "GET /v1/me", NULL), 200);
}

/* ---- accounts ---- */

static int open_as(const char *sub, const uint8_t *code, bool is_new_fine, struct session *ret)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    static uint8_t next;
    struct session session = {.hash = {DIGEST_SHA256, 32, {++next}}, .csrf = "c"};
    const struct opening opening = {.sub = sub,
                                    .session = &session,
                                    .sid = "sid",
                                    .id_token = "t",
                                    .code = code,
                                    .is_new_fine = is_new_fine};

    (void)snprintf(session.id, sizeof session.id, "s%u", next);
    return portal_open_session(site.portal.store, &opening, &by, ret, NULL);
}

static void an_account_survives_another_pseudonym_by_its_code(void **state)
{
    static const uint8_t code[PORTAL_CODE_SIZE] = {1};
    struct session before;
    struct session after;

    (void)state;
    assert_int_equal(open_as("sub-1", code, false, &before), 0);
    assert_int_equal(open_as("sub-renewed", code, false, &after), 0);
    assert_string_equal(after.account.id, before.account.id);
    /* Also when the register is not there the next time. */
    assert_int_equal(open_as("sub-renewed", NULL, false, &after), 0);
    assert_string_equal(after.account.id, before.account.id);
    assert_int_equal(open_as("sub-1", NULL, false, &after), -ERR_REMOTE);
}

static void nobody_gets_a_second_account_while_the_register_is_away(void **state)
{
    static const uint8_t code[PORTAL_CODE_SIZE] = {1};
    struct session session;

    (void)state;
    assert_int_equal(open_as("sub-1", NULL, false, &session), -ERR_REMOTE);
    assert_int_equal(open_as("sub-1", NULL, true, &session), 0);
    assert_false(session.account.has_code);
    assert_int_equal(open_as("sub-1", code, false, &session), 0);
    assert_true(session.account.has_code);
    assert_memory_equal(session.account.code, code, sizeof code);
}

static void pseudonym_and_code_of_two_people_open_nothing(void **state)
{
    static const uint8_t first[PORTAL_CODE_SIZE] = {1};
    static const uint8_t second[PORTAL_CODE_SIZE] = {2};
    struct session session;

    (void)state;
    assert_int_equal(open_as("sub-1", first, false, &session), 0);
    assert_int_equal(open_as("sub-2", NULL, true, &session), 0);
    assert_int_equal(open_as("sub-1", second, false, &session), -ERR_CONFLICT);
    assert_int_equal(open_as("sub-2", first, false, &session), -ERR_CONFLICT);
}

static void each_act_is_in_the_log(void **state)
{
    struct portal_browser first;
    struct portal_browser second;
    const struct session session = portal_site_open(&site, &first, "sub-1", 1);
    struct json *page;
    char line[80];
    char expected[512];

    (void)state;
    (void)portal_site_open(&site, &second, "sub-1", 1);
    (void)snprintf(line, sizeof line, "DELETE /v1/sessions/%s", session.id);
    assert_int_equal(portal_status(&site, &second, line, NULL), 204);
    (void)snprintf(expected, sizeof expected,
                   "account.made self\naccount.linked self code\nsession.opened self\n"
                   "session.opened self\nsession.ended account:%s elsewhere\n",
                   session.account.id);
    assert_int_equal(audit_list(site.portal.desk.db, NULL, &page, NULL), 0);
    assert_log(page, expected);
}

/* ---- the portal itself ---- */

static void a_key_of_another_role_is_none(void **state)
{
    (void)state;
    site.portal.app.key = "seal";
    assert_int_equal(portal_load(&site.portal, NULL), -ERR_INPUT);
    token_signer.is_down = true;
    assert_int_equal(portal_load(&site.portal, NULL), -ERR_REMOTE);
}

static void it_is_ready_while_signerd_is(void **state)
{
    (void)state;
    assert_int_equal(portal_status(&site, NULL, "GET /livez", NULL), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer page = portal_ask(&site, NULL, "GET /", NULL);
    assert_int_equal(page.status, 200); /* this one has no pages, and says so */
    assert_true(portal_has(&page, "pages_dir"));
    assert_true(portal_has(&page, "/openapi.json"));
    assert_int_equal(portal_status(&site, NULL, "GET /pages/portal.js", NULL), 404);
    assert_int_equal(portal_status(&site, NULL, "GET /v1/audit", NULL), 403);
    assert_int_equal(portal_status(&site, NULL, "GET /metrics", NULL), 403);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_SITE(nobody_is_told_anything_without_a_session),
        WITH_SITE(two_cookies_of_one_name_are_none),
        WITH_SITE(whether_anybody_is_in_is_told_to_anyone),
        WITH_SITE(changes_need_the_token_of_the_session),
        WITH_SITE(a_session_ends_when_nobody_uses_it),
        WITH_SITE(a_session_ends_however_much_it_is_used),
        WITH_SITE(me_is_whose_session_it_is),
        WITH_SITE(somebody_elses_session_is_nobodys),
        WITH_SITE(all_of_an_account_end_everywhere_and_nobody_elses),
        WITH_SITE(the_oldest_session_goes_where_there_are_too_many),
        WITH_SITE(an_account_survives_another_pseudonym_by_its_code),
        WITH_SITE(nobody_gets_a_second_account_while_the_register_is_away),
        WITH_SITE(pseudonym_and_code_of_two_people_open_nothing),
        WITH_SITE(each_act_is_in_the_log),
        WITH_SITE(a_key_of_another_role_is_none),
        WITH_SITE(it_is_ready_while_signerd_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
