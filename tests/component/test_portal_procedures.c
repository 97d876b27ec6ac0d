/* SPDX-License-Identifier: Apache-2.0 */
/* Procedures over HTTP, for anybody: search, pages, detail, and what is refused. */
#include "support/portal_site.h"

#include "portal/procedure/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;

/* The texts that come with the program, of which Chiyoda offers all and Chuo the first. */
static void fill(void)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13102", "東京都", "中央区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct db *db = portal_store_db(site.portal.store);
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_offering offering = {.from = "2026-04-01",
                                          .until = "",
                                          .department = "子育て支援課",
                                          .department_en = "Childcare Division",
                                          .contact = contact};
    char path[512], psid[PSID_SIZE];
    int64_t count;

    (void)snprintf(path, sizeof path, "%s/openjpki/procedures.json", getenv("JPKI_TEST_SHARE"));
    assert_int_equal(procedure_load(db, path, &by, &count, NULL), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db, &places[i], &by, NULL), 0);
    assert_int_equal(json_put_text(contact, "phone", "03-0000-0000", NULL), 0);
    assert_int_equal(json_put_text(contact, "address", "千代田区見本町1", NULL), 0);
    assert_int_equal(json_put_text(contact, "address_en", "1 Mihoncho, Chiyoda City", NULL), 0);
    for (offering.text = 1; offering.text <= count; offering.text++) {
        offering.municipality = "13101";
        offering.is_online = offering.text % 2 == 1;
        assert_int_equal(procedure_offer(db, &offering, &by, psid, NULL), 0);
    }
    offering.text = 1;
    offering.municipality = "13102";
    assert_int_equal(procedure_offer(db, &offering, &by, psid, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    fill();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static struct portal_answer get(const char *line)
{
    return portal_ask(&site, NULL, line, NULL);
}

static void assert_status(const char *line, unsigned status)
{
    const unsigned is = portal_status(&site, NULL, line, NULL);

    if (is != status)
        fail_msg("%s: %u", line, is);
}

static const struct json *procedures(const struct portal_answer *answer)
{
    const struct json *list;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_array(answer->json, "procedures", &list, NULL), 0);
    return list;
}

static void anybody_searches(void **state)
{
    /* 児童扶養 in half-width kana would be the same; here 罹災 */
    CLEANUP(portal_answer_done)
    struct portal_answer answer = get(
        "GET /v1/procedures?municipality=131016&words=%E7%BD%B9%E7%81%BD");
    int64_t hits;

    (void)state;
    assert_int_equal(json_count(procedures(&answer)), 1);
    assert_int_equal(json_get_int(answer.json, "hits", &hits, NULL), 0);
    assert_int_equal(hits, 1);
    assert_true(portal_has(&answer, "罹災証明書の発行申請"));
    assert_false(portal_has(&answer, "\"next\""));
}

/* Full-width letters and capitals are the same in English. */
static void what_is_there_in_english_is_searched_and_told(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer found = get("GET /v1/procedures?municipality=13101&words=DISASTER%20"
                                     "%EF%BD%84%EF%BD%81%EF%BD%8D%EF%BD%81%EF%BD%87%EF%BD%85");
    const char *psid;
    char line[64];

    (void)state;
    assert_int_equal(json_count(procedures(&found)), 1);
    assert_true(portal_has(&found, "\"name\":\"罹災証明書の発行申請\""));
    assert_true(
        portal_has(&found, "\"name_en\":\"Application for a disaster damage certificate\""));
    assert_true(portal_has(&found, "\"alias_en\":"));
    assert_true(portal_has(&found, "\"summary_en\":"));
    assert_true(portal_has(&found, "\"department_en\":\"Childcare Division\""));
    assert_int_equal(json_get_text(json_at(procedures(&found), 0), "psid", &psid, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/procedures/%s", psid);
    CLEANUP(portal_answer_done) struct portal_answer one = get(line);
    assert_int_equal(one.status, 200);
    assert_string_equal(portal_text(&one, "name_en"),
                        "Application for a disaster damage certificate");
    assert_true(portal_has(&one, "\"requirements_en\":[{\"list\":[\"Photographs that show the "
                                 "damage\"]}]"));
    assert_string_equal(portal_text(&one, "department_en"), "Childcare Division");
    assert_true(portal_has(&one, "\"address_en\":\"1 Mihoncho, Chiyoda City\""));
    assert_true(portal_has(&one, "\"label_en\":\"Kind of disaster\""));
    assert_true(portal_has(&one, "\"label_en\":\"Earthquake\""));
}

/* By what only its long text says. */
static void the_long_text_is_found_in_english(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer found = get("GET /v1/procedures?municipality=13101"
                                     "&words=public%20health%20nurse");

    (void)state;
    assert_int_equal(json_count(procedures(&found)), 1);
    assert_true(portal_has(&found, "\"name\":\"妊娠の届出\""));
}

/* Whoever reads no Japanese reads all that the texts of all municipalities say. */
static void standard_texts_are_all_there_in_english(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer list = get("GET /v1/procedures?municipality=13101&limit=100");
    const size_t count = json_count(procedures(&list));
    size_t sections = 0;

    (void)state;
    assert_int_equal(count, 21);
    for (size_t i = 0; i < count; i++) {
        const struct json *content, *age;
        const char *psid;
        char line[64];

        assert_int_equal(json_get_text(json_at(procedures(&list), i), "psid", &psid, NULL), 0);
        (void)snprintf(line, sizeof line, "GET /v1/procedures/%s", psid);
        CLEANUP(portal_answer_done) struct portal_answer one = get(line);
        assert_int_equal(json_get_object(one.json, "content", &content, NULL), 0);
        assert_true(json_has(content, "name_en") && json_has(content, "summary_en"));
        for (size_t s = 0; s < SECTIONS_; s++) {
            const bool has = json_has(content, procedure_sections[s]);

            if (has != json_has(content, procedure_english_sections[s]))
                fail_msg("%s: %s", psid, procedure_sections[s]);
            sections += has;
        }
        if (json_has(content, "age")) {
            assert_int_equal(json_get_object(content, "age", &age, NULL), 0);
            assert_int_equal(json_has(age, "condition"), json_has(age, "condition_en"));
        }
    }
    assert_in_range(sections, 4 * count, 9 * count);
}

static void filters_and_pages_work_together(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer first = get("GET /v1/procedures?municipality=13101&event=eldercare"
                                     "&category=eldercare&limit=2");
    char line[128];

    (void)state;
    assert_int_equal(json_count(procedures(&first)), 2);
    (void)snprintf(line, sizeof line,
                   "GET /v1/procedures?municipality=13101&event=eldercare&limit=2&after=%s",
                   portal_text(&first, "next"));
    CLEANUP(portal_answer_done) struct portal_answer second = get(line);
    assert_int_equal(json_count(procedures(&second)), 1);
    assert_false(portal_has(&second, "\"next\""));
    CLEANUP(portal_answer_done)
    struct portal_answer online = get("GET /v1/procedures?municipality=13101&online=yes&limit=100");
    assert_int_equal(json_count(procedures(&online)), 11);
}

static void all_municipalities_are_searched_without_one(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = get(
        "GET /v1/procedures?words=%E5%8F%97%E7%B5%A6%E8%B3%87%E6%A0%BC%E5%8F%8A%E3%81%B3");

    (void)state;
    assert_int_equal(json_count(procedures(&answer)), 2);
    assert_false(portal_has(&answer, "\"hits\""));
}

static void what_is_no_search_is_refused(void **state)
{
    static const char *const lines[] = {
        "GET /v1/procedures?municipality=131010",
        "GET /v1/procedures?municipality=1310a",
        "GET /v1/procedures?municipality=",
        "GET /v1/procedures?words=",
        "GET /v1/procedures?words=%E3%80%81",
        "GET /v1/procedures?words=%FF",
        "GET /v1/procedures?event=party",
        "GET /v1/procedures?category=x",
        "GET /v1/procedures?online=no",
        "GET /v1/procedures?limit=0",
        "GET /v1/procedures?limit=101",
        "GET /v1/procedures?limit=1000",
        "GET /v1/procedures?limit=-1",
        "GET /v1/procedures?limit=",
        "GET /v1/procedures?after=x",
        "GET /v1/procedures?sort=name",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_status(lines[i], 400);
}

static void one_is_shown_with_text_and_form(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = get("GET /v1/procedures/131010000001");
    const struct json *part;

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_object(answer.json, "content", &part, NULL), 0);
    assert_true(json_has(part, "money"));
    assert_int_equal(json_get_object(answer.json, "form", &part, NULL), 0);
    assert_int_equal(json_get_object(answer.json, "place", &part, NULL), 0);
    assert_true(portal_has(&answer, "千代田区"));
    assert_true(portal_has(&answer, "03-0000-0000"));
}

static void what_is_not_online_has_no_form(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = get("GET /v1/procedures/131010000002");

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_false(json_has(answer.json, "form"));
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    assert_status("GET /v1/procedures/131020000002", 404);
    assert_status("GET /v1/procedures/1", 404);
    assert_status("GET /v1/procedures/%27%20OR%201=1", 404);
}

static void municipalities_are_listed(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = get("GET /v1/municipalities");
    const struct json *list;

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "municipalities", &list, NULL), 0);
    assert_int_equal(json_count(list), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anybody_searches),
        cmocka_unit_test(what_is_there_in_english_is_searched_and_told),
        cmocka_unit_test(the_long_text_is_found_in_english),
        cmocka_unit_test(standard_texts_are_all_there_in_english),
        cmocka_unit_test(filters_and_pages_work_together),
        cmocka_unit_test(all_municipalities_are_searched_without_one),
        cmocka_unit_test(what_is_no_search_is_refused),
        cmocka_unit_test(one_is_shown_with_text_and_form),
        cmocka_unit_test(what_is_not_online_has_no_form),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(municipalities_are_listed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
