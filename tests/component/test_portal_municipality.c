/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of municipalities, and the editor: each municipality changes what is its own. */
#include "support/portal_site.h"

#include "portal/municipality/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static char editor[MUNICIPALITY_KEY_SIZE], neighbour[MUNICIPALITY_KEY_SIZE],
    clerk[MUNICIPALITY_KEY_SIZE];

#define CONTENT                                                                                        \
    "{\"category\":\"other\",\"events\":[\"leisure\"],\"name\":\"区民マラソン大会の申込\"," \
    "\"summary\":\"秋に走る\"}"
#define FORM                                                                                       \
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"runner\",\"label\":\"走る人\","         \
    "\"type\":\"text\",\"is_required\":true}]}"
#define OFFER(text)                                                                                \
    "{\"text\":" text ",\"is_online\":true,\"department\":\"スポーツ課\",\"contact\":{}}"

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static int add_key(const char *code, const char *role, const char *name,
                   char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct municipality_key_inputs inputs = {code, name, role};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    return municipality_key_add(db(), &inputs, &by, ret, NULL);
}

static int set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13102", "東京都", "中央区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&site);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    assert_int_equal(add_key("13101", "editor", "e", editor), 0);
    assert_int_equal(add_key("13102", "editor", "e", neighbour), 0);
    assert_int_equal(add_key("13101", "clerk", "c", clerk), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static struct portal_answer ask(const char *line, const char *key, const char *body)
{
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, NULL, line, field, body == NULL ? NULL : "application/json",
                           body);
}

static unsigned status(const char *line, const char *key, const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(line, key, body);

    return answer.status;
}

static void only_editors_edit(void **state)
{
    static const struct {
        const char *line, *body;
    } rows[] = {
        {"GET /v1/municipality/texts", NULL},
        {"PUT /v1/municipality/texts/run", "{\"content\":" CONTENT "}"},
        {"PUT /v1/municipality/offerings", OFFER("1")},
        {"DELETE /v1/municipality/offerings/131010000001", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(status(rows[i].line, NULL, rows[i].body), 403);
        assert_int_equal(status(rows[i].line, clerk, rows[i].body), 403);
        assert_int_equal(status(rows[i].line, "nobody", rows[i].body), 403);
    }
}

static void a_municipality_registers_its_own_procedure(void **state)
{
    char psid[PSID_SIZE];

    (void)state;
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor,
                            "{\"content\":" CONTENT ",\"form\":" FORM "}"),
                     200);
    CLEANUP(portal_answer_done)
    struct portal_answer offered = ask("PUT /v1/municipality/offerings", editor, OFFER("1"));
    assert_int_equal(offered.status, 200);
    (void)snprintf(psid, sizeof psid, "%s", portal_text(&offered, "psid"));
    assert_string_equal(psid, "131010000001");
    CLEANUP(portal_answer_done)
    struct portal_answer found = ask(
        "GET /v1/procedures?municipality=13101&words=%E3%83%9E%E3%83%A9"
        "%E3%82%BD%E3%83%B3",
        NULL, NULL);
    assert_true(portal_has(&found, psid));
    CLEANUP(portal_answer_done)
    struct portal_answer texts = ask("GET /v1/municipality/texts", editor, NULL);
    assert_true(portal_has(&texts, "\"is_own\":true"));
    assert_true(portal_has(&texts, psid));
    assert_int_equal(status("DELETE /v1/municipality/offerings/131010000001", editor, NULL), 204);
    assert_int_equal(status("GET /v1/procedures/131010000001", NULL, NULL), 404);
}

static void nobody_touches_what_is_anothers(void **state)
{
    (void)state;
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor,
                            "{\"content\":" CONTENT ",\"form\":" FORM "}"),
                     200);
    assert_int_equal(status("PUT /v1/municipality/offerings", editor, OFFER("1")), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer texts = ask("GET /v1/municipality/texts", neighbour, NULL);
    assert_false(portal_has(&texts, "マラソン"));
    assert_int_equal(status("PUT /v1/municipality/offerings", neighbour, OFFER("1")), 404);
    assert_int_equal(status("DELETE /v1/municipality/offerings/131010000001", neighbour, NULL),
                     404);
    /* the same code is another text of its own */
    CLEANUP(portal_answer_done)
    struct portal_answer own = ask("PUT /v1/municipality/texts/run", neighbour,
                                   "{\"content\":" CONTENT "}");
    assert_true(portal_has(&own, "{\"text\":2}"));
    assert_int_equal(status("GET /v1/procedures/131010000001", NULL, NULL), 200);
}

static void what_is_no_procedure_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status("PUT /v1/municipality/texts/A", editor, "{\"content\":" CONTENT "}"),
                     400);
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor, "{\"content\":{}}"), 400);
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor,
                            "{\"content\":" CONTENT ",\"form\":{\"needs_signature\":true,"
                            "\"fields\":[]}}"),
                     400);
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor, "{\"content\":" CONTENT "}"),
                     200);
    /* without a form it is not offered online */
    assert_int_equal(status("PUT /v1/municipality/offerings", editor, OFFER("1")), 400);
    assert_int_equal(status("PUT /v1/municipality/offerings", editor, OFFER("9")), 404);
}

/* What services make links of is no script, no page of another host than it seems, and no letter
 * to others. */
static void contacts_lead_to_pages_and_mailboxes_alone(void **state)
{
    static const struct {
        const char *contact;
        unsigned status;
    } rows[] = {
        {"\"form_url\":\"javascript:alert(1)\"", 400},
        {"\"form_url\":\"http://city.example/ask\"", 400},
        {"\"form_url\":\"https://city.example@evil.example/\"", 400},
        {"\"email\":\"a@city.example?bcc=b@evil.example\"", 400},
        {"\"email\":\"a@city.example,b@evil.example\"", 400},
        {"\"form_url\":\"https://city.example/ask\",\"email\":\"a@city.example\"", 200},
    };

    (void)state;
    assert_int_equal(status("PUT /v1/municipality/texts/run", editor,
                            "{\"content\":" CONTENT ",\"form\":" FORM "}"),
                     200);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];

        (void)snprintf(body, sizeof body,
                       "{\"text\":1,\"is_online\":true,\"department\":\"d\",\"contact\":{%s}}",
                       rows[i].contact);
        if (status("PUT /v1/municipality/offerings", editor, body) != rows[i].status)
            fail_msg("%s", rows[i].contact);
    }
}

static void a_revoked_key_is_nobodys(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct municipality_key key;

    (void)state;
    assert_int_equal(municipality_key_find(db(), clerk, &key, NULL), 0);
    assert_string_equal(key.municipality, "13101");
    assert_int_equal(municipality_key_revoke(db(), "13102", key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(municipality_key_revoke(db(), "13101", key.id, &by, NULL), 0);
    assert_int_equal(municipality_key_revoke(db(), "13101", key.id, &by, NULL), -ERR_ABSENT);
    assert_int_equal(municipality_key_find(db(), clerk, &key, NULL), -ERR_DENIED);
}

static void keys_have_limits(void **state)
{
    char name[MUNICIPALITY_KEY_NAME_MAX + 2], key[MUNICIPALITY_KEY_SIZE];
    CLEANUP(json_freep) struct json *list = NULL;

    (void)state;
    memset(name, 'n', sizeof name);
    name[MUNICIPALITY_KEY_NAME_MAX + 1] = '\0';
    assert_int_equal(add_key("13101", "editor", name, key), -ERR_INPUT);
    assert_int_equal(add_key("13101", "editor", "", key), -ERR_INPUT);
    assert_int_equal(add_key("13101", "editor", " 　", key), -ERR_INPUT);
    assert_int_equal(add_key("13101", "owner", "n", key), -ERR_INPUT);
    assert_int_equal(add_key("13199", "editor", "n", key), -ERR_ABSENT);
    name[MUNICIPALITY_KEY_NAME_MAX] = '\0';
    for (int i = 2; i < MUNICIPALITY_KEYS_MAX; i++)
        assert_int_equal(add_key("13101", "editor", name, key), 0);
    assert_int_equal(add_key("13101", "editor", name, key), -ERR_CONFLICT);
    assert_int_equal(municipality_key_list(db(), "13101", &list, NULL), 0);
    assert_int_equal(json_count(list), MUNICIPALITY_KEYS_MAX);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(only_editors_edit),
        EACH(a_municipality_registers_its_own_procedure),
        EACH(nobody_touches_what_is_anothers),
        EACH(what_is_no_procedure_is_refused),
        EACH(contacts_lead_to_pages_and_mailboxes_alone),
        EACH(a_revoked_key_is_nobodys),
        EACH(keys_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
