/* SPDX-License-Identifier: Apache-2.0 */
/* People of municipalities in a browser: invitations, what each may do, drafts of texts. */
#include "support/portal_site.h"

#include "portal/municipality/draft.h"
#include "portal/municipality/staff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 24 * 3600 };

static struct portal_site site;
static struct portal_browser hanako, taro;
static char hanako_account[PORTAL_ID_SIZE], taro_account[PORTAL_ID_SIZE];

#define CONTENT(name)                                                                              \
    "{\"category\":\"other\",\"events\":[],\"name\":\"" name "\",\"summary\":\"s\"}"
#define DRAFT(base, name) "{\"based_on\":" base ",\"content\":" CONTENT(name) "}"
#define DRAFTS            "/v1/municipality/drafts"

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static struct audit_origin operator_at(int64_t after)
{
    return audit_by_self(PORTAL_SITE_NOW + after);
}

static int set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13102", "東京都", "中央区"}};
    const struct audit_origin by = operator_at(0);

    (void)state;
    portal_site_make(&site);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    hanako = (struct portal_browser){.csrf = ""};
    taro = hanako;
    struct session first = portal_site_open(&site, &hanako, "hanako", 1);
    struct session second = portal_site_open(&site, &taro, "taro", 2);
    memcpy(hanako_account, first.account.id, sizeof hanako_account);
    memcpy(taro_account, second.account.id, sizeof taro_account);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static int invite(const char *code, const char *role, char ret[MUNICIPALITY_INVITATION_SIZE])
{
    const struct municipality_invitation invitation = {code, "窓口　一葉", role, 7};
    const struct audit_origin by = operator_at(0);

    return municipality_invite(db(), &invitation, &by, ret, NULL);
}

static unsigned join(struct portal_browser *browser, const char *invitation)
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, "invitation", invitation, NULL), 0);
    return portal_status(&site, browser, "POST /v1/municipality/duties", body);
}

static void employ(struct portal_browser *browser, const char *code, const char *role)
{
    char invitation[MUNICIPALITY_INVITATION_SIZE];

    assert_int_equal(invite(code, role, invitation), 0);
    assert_int_equal(join(browser, invitation), 200);
}

static struct portal_answer ask(struct portal_browser *browser, const char *line, const char *text)
{
    struct json *body = NULL;

    if (text != NULL)
        assert_int_equal(json_parse(bytes_text(text), &body, NULL), 0);
    return portal_ask(&site, browser, line, body);
}

static unsigned status(struct portal_browser *browser, const char *line, const char *text)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(browser, line, text);

    return answer.status;
}

static void who_was_not_invited_sees_nothing(void **state)
{
    static const char *const lines[] = {"GET /v1/municipality/applications",
                                        "GET /v1/municipality/texts", ("GET " DRAFTS)};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(status(NULL, lines[i], NULL), 403);
        assert_int_equal(status(&hanako, lines[i], NULL), 403);
    }
    CLEANUP(portal_answer_done)
    struct portal_answer duties = ask(&hanako, "GET /v1/municipality/duties", NULL);
    assert_true(portal_has(&duties, "{\"duties\":[]}"));
    assert_int_equal(status(NULL, "GET /v1/municipality/duties", NULL), 403);
}

static void a_role_opens_what_is_its_own(void **state)
{
    (void)state;
    employ(&hanako, "13101", "clerk");
    assert_int_equal(status(&hanako, "GET /v1/municipality/applications", NULL), 200);
    assert_int_equal(status(&hanako, "GET /v1/municipality/texts", NULL), 403);
    employ(&hanako, "13101", "editor");
    assert_int_equal(status(&hanako, "GET /v1/municipality/texts", NULL), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer duties = ask(&hanako, "GET /v1/municipality/duties", NULL);
    assert_true(portal_has(&duties, "\"role\":\"clerk\""));
    assert_true(portal_has(&duties, "\"role\":\"editor\""));
    assert_true(portal_has(&duties, "千代田区"));
    assert_int_equal(status(&taro, "GET /v1/municipality/texts", NULL), 403);
}

static void an_invitation_counts_once_and_for_its_days(void **state)
{
    char invitation[MUNICIPALITY_INVITATION_SIZE];

    (void)state;
    assert_int_equal(invite("13101", "clerk", invitation), 0);
    assert_int_equal(join(&hanako, invitation), 200);
    assert_int_equal(join(&taro, invitation), 403);
    assert_int_equal(join(&hanako, invitation), 403);
    invitation[0] = invitation[0] == 'A' ? 'B' : 'A';
    assert_int_equal(join(&taro, invitation), 403);
    assert_int_equal(join(&taro, "short"), 400);

    const struct audit_origin last = operator_at((int64_t)7 * DAY);
    const struct audit_origin late = operator_at((int64_t)7 * DAY + 1);
    assert_int_equal(invite("13101", "clerk", invitation), 0);
    assert_int_equal(municipality_join(db(), invitation, taro_account, &late, NULL), -ERR_DENIED);
    assert_int_equal(municipality_join(db(), invitation, taro_account, &last, NULL), 0);
}

static void nobody_works_for_two_municipalities(void **state)
{
    char invitation[MUNICIPALITY_INVITATION_SIZE];

    (void)state;
    employ(&hanako, "13101", "clerk");
    assert_int_equal(invite("13102", "editor", invitation), 0);
    assert_int_equal(join(&hanako, invitation), 409);
    assert_int_equal(join(&taro, invitation), 200); /* it was not used up */
    assert_int_equal(invite("13101", "clerk", invitation), 0);
    assert_int_equal(join(&hanako, invitation), 409);
}

static void who_is_dismissed_is_out_at_once(void **state)
{
    const struct audit_origin by = operator_at(1);
    struct municipality_key key;

    (void)state;
    employ(&hanako, "13101", "clerk");
    assert_int_equal(municipality_staff_find(db(), hanako_account, MUNICIPALITY_CLERK, &key, NULL),
                     0);
    assert_string_equal(key.name, "窓口　一葉");
    assert_int_equal(municipality_dismiss(db(), "13102", key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(municipality_dismiss(db(), "13101", key.id, &by, NULL), 0);
    assert_int_equal(municipality_dismiss(db(), "13101", key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(status(&hanako, "GET /v1/municipality/applications", NULL), 403);
    employ(&hanako, "13102", "clerk"); /* elsewhere from now on */
    CLEANUP(json_freep) struct json *list = NULL;
    assert_int_equal(municipality_staff_list(db(), "13101", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
}

static void a_change_needs_the_token_of_the_session(void **state)
{
    char kept[sizeof hanako.csrf];

    (void)state;
    employ(&hanako, "13101", "editor");
    memcpy(kept, hanako.csrf, sizeof kept);
    hanako.csrf[0] = '\0';
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("0", "走る")), 403);
    memcpy(hanako.csrf, kept, sizeof kept);
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("0", "走る")), 200);
}

static void a_mandate_brings_no_duties(void **state)
{
    (void)state;
    employ(&hanako, "13101", "clerk");
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, &hanako,
                                                  "GET /v1/municipality/applications",
                                                  "X-JPKI-Acting-For: somebody\r\n", NULL, NULL);
    assert_int_equal(answer.status, 403);
}

static void a_session_that_is_over_opens_nothing(void **state)
{
    (void)state;
    employ(&hanako, "13101", "clerk");
    portal_site_at(&site, (int64_t)30 * DAY);
    assert_int_equal(status(&hanako, "GET /v1/municipality/applications", NULL), 403);
}

static void limits_hold(void **state)
{
    char invitation[MUNICIPALITY_INVITATION_SIZE];
    const struct audit_origin by = operator_at(0);
    struct municipality_invitation wish = {"13101", "n", "clerk", 0};

    (void)state;
    assert_int_equal(municipality_invite(db(), &wish, &by, invitation, NULL), -ERR_INPUT);
    wish.days = MUNICIPALITY_INVITATION_DAYS_MAX + 1;
    assert_int_equal(municipality_invite(db(), &wish, &by, invitation, NULL), -ERR_INPUT);
    wish.days = MUNICIPALITY_INVITATION_DAYS_MAX;
    assert_int_equal(municipality_invite(db(), &wish, &by, invitation, NULL), 0);
    wish.name = "";
    assert_int_equal(municipality_invite(db(), &wish, &by, invitation, NULL), -ERR_INPUT);
    assert_int_equal(invite("13101", "mayor", invitation), -ERR_INPUT);
    assert_int_equal(invite("99999", "clerk", invitation), -ERR_ABSENT);
    for (int i = 1; i < MUNICIPALITY_STAFF_MAX; i++)
        assert_int_equal(invite("13101", "clerk", invitation), 0);
    assert_int_equal(invite("13101", "clerk", invitation), -ERR_CONFLICT);
}

static void a_draft_is_nobodys_business_until_it_is_published(void **state)
{
    (void)state;
    employ(&hanako, "13101", "editor");
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("0", "走る会")), 200);
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("1", "走る大会")), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer before = ask(&hanako, "GET /v1/municipality/texts", NULL);
    assert_false(portal_has(&before, "走る"));
    CLEANUP(portal_answer_done)
    struct portal_answer done = ask(&hanako, "POST " DRAFTS "/run/publication", "{\"version\":1}");
    assert_true(portal_has(&done, "{\"text\":1}"));
    CLEANUP(portal_answer_done)
    struct portal_answer after = ask(&hanako, "GET /v1/municipality/texts", NULL);
    assert_true(portal_has(&after, "走る会"));
    CLEANUP(portal_answer_done)
    struct portal_answer drafts = ask(&hanako, "GET " DRAFTS, NULL);
    assert_true(portal_has(&drafts, "\"version\":2"));
    assert_true(portal_has(&drafts, "\"published\":1"));
    assert_int_equal(status(&hanako, "POST " DRAFTS "/run/publication", "{\"version\":3}"), 404);
    CLEANUP(portal_answer_done)
    struct portal_answer first = ask(&hanako, "GET " DRAFTS "/run?version=1", NULL);
    assert_true(portal_has(&first, "\"content\":" CONTENT("走る会")));
    assert_true(portal_has(&first, "\"saved_by\":\"窓口　一葉\""));
}

static void of_two_editors_the_second_one_is_told(void **state)
{
    (void)state;
    employ(&hanako, "13101", "editor");
    employ(&taro, "13101", "editor");
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("0", "一")), 200);
    assert_int_equal(status(&taro, "PUT " DRAFTS "/run", DRAFT("0", "二")), 409);
    assert_int_equal(status(&taro, "PUT " DRAFTS "/run", DRAFT("1", "二")), 200);
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("3", "三")), 409);
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/Run", DRAFT("0", "三")), 400);
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("2", "")), 400);
}

static void drafts_of_another_municipality_are_not_there(void **state)
{
    (void)state;
    employ(&hanako, "13101", "editor");
    employ(&taro, "13102", "editor");
    assert_int_equal(status(&hanako, "PUT " DRAFTS "/run", DRAFT("0", "一")), 200);
    CLEANUP(portal_answer_done) struct portal_answer drafts = ask(&taro, "GET " DRAFTS, NULL);
    assert_true(portal_has(&drafts, "{\"drafts\":[]}"));
    assert_int_equal(status(&taro, "GET " DRAFTS "/run", NULL), 404);
    assert_int_equal(status(&taro, "POST " DRAFTS "/run/publication", "{\"version\":1}"), 404);
}

static void old_versions_go(void **state)
{
    const struct audit_origin by = operator_at(0);
    CLEANUP(json_freep) struct json *content = NULL;
    struct text_draft draft = {.municipality = "13101", .code = "run", .by_whom = "e"};
    struct json *body;
    int64_t version;

    (void)state;
    assert_int_equal(json_parse(bytes_text(CONTENT("一")), &content, NULL), 0);
    draft.content = content;
    for (; draft.based_on < MUNICIPALITY_VERSIONS_MAX; draft.based_on++)
        assert_int_equal(text_draft_save(db(), &draft, &by, &version, NULL), 0);
    assert_int_equal(text_draft_get(db(), "13101", "run", 1, &body, NULL), 0);
    json_freep(&body);
    assert_int_equal(text_draft_save(db(), &draft, &by, &version, NULL), 0);
    assert_int_equal(version, MUNICIPALITY_VERSIONS_MAX + 1);
    assert_int_equal(text_draft_get(db(), "13101", "run", 1, &body, NULL), -ERR_ABSENT);
}

static void drafts_are_counted(void **state)
{
    const struct audit_origin by = operator_at(0);
    CLEANUP(json_freep) struct json *content = NULL;
    char code[PROCEDURE_CODE_SIZE];
    struct text_draft draft = {.municipality = "13101", .code = code, .by_whom = "e"};
    int64_t version;

    (void)state;
    assert_int_equal(json_parse(bytes_text(CONTENT("一")), &content, NULL), 0);
    draft.content = content;
    for (int i = 0; i < MUNICIPALITY_DRAFTS_MAX; i++) {
        (void)snprintf(code, sizeof code, "c%d", i);
        assert_int_equal(text_draft_save(db(), &draft, &by, &version, NULL), 0);
    }
    (void)snprintf(code, sizeof code, "one-more");
    assert_int_equal(text_draft_save(db(), &draft, &by, &version, NULL), -ERR_CONFLICT);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_was_not_invited_sees_nothing),
        EACH(a_role_opens_what_is_its_own),
        EACH(an_invitation_counts_once_and_for_its_days),
        EACH(nobody_works_for_two_municipalities),
        EACH(who_is_dismissed_is_out_at_once),
        EACH(a_change_needs_the_token_of_the_session),
        EACH(a_mandate_brings_no_duties),
        EACH(a_session_that_is_over_opens_nothing),
        EACH(limits_hold),
        EACH(a_draft_is_nobodys_business_until_it_is_published),
        EACH(of_two_editors_the_second_one_is_told),
        EACH(drafts_of_another_municipality_are_not_there),
        EACH(old_versions_go),
        EACH(drafts_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
