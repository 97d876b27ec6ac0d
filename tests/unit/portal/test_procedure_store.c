/* SPDX-License-Identifier: Apache-2.0 */
#include "support/procedures.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tempdir dir;
static struct procedures site;

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    dir = tempdir_make();
    procedures_open(&site, tempdir_file(&dir, "p.db", path));
    procedures_add_municipality(&site, "13101", "千代田区");
    procedures_add_municipality(&site, "13102", "中央区");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    procedures_close(&site);
    tempdir_done(&dir);
    return 0;
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number = -1;

    assert_int_equal(db_begin_read(site.db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static int64_t records(void)
{
    return count("SELECT count(*) FROM audit");
}

static int offer(const struct procedure_offering *offering)
{
    const struct audit_origin by = procedures_by();
    char psid[PSID_SIZE];

    return procedure_offer(site.db, offering, &by, psid, NULL);
}

/* ---- municipalities ---- */

static int add(const char *code, const char *name)
{
    const struct audit_origin by = procedures_by();
    struct municipality municipality = {.prefecture = "東京都"};

    (void)snprintf(municipality.code, sizeof municipality.code, "%s", code);
    (void)snprintf(municipality.name, sizeof municipality.name, "%s", name);
    return municipality_add(site.db, &municipality, &by, NULL);
}

static void what_is_no_municipality_is_refused(void **state)
{
    struct municipality found;
    const int64_t before = records();

    (void)state;
    assert_int_equal(add("1310", "x"), -ERR_INPUT);
    assert_int_equal(add("1310a", "x"), -ERR_INPUT);
    assert_int_equal(add("13103", ""), -ERR_INPUT);
    assert_int_equal(add("13103", "a\nb"), -ERR_INPUT);
    assert_int_equal(add("13101", "千代田区"), -ERR_CONFLICT);
    assert_int_equal(municipality_get(site.db, "13103", &found, NULL), -ERR_ABSENT);
    assert_int_equal(records(), before);
    assert_int_equal(municipality_get(site.db, "13102", &found, NULL), 0);
    assert_string_equal(found.name, "中央区");
}

static void a_code_has_a_check_digit_or_none(void **state)
{
    static const struct {
        const char *code;
        bool is_valid;
    } rows[] = {
        {"13101", true},   {"131016", true},  {"131024", true},   {"011002", true},
        {"011003", false}, {"131010", false}, {"1310", false},    {"1310166", false},
        {"", false},       {"1310a", false},  {"13101６", false}, {"-13101", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (municipality_code_is_valid(rows[i].code) != rows[i].is_valid)
            fail_msg("%s", rows[i].code);
}

static void there_are_so_many_municipalities(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct municipality municipality = {.prefecture = "p", .name = "n"};

    (void)state;
    assert_int_equal(db_begin(site.db, &txn, NULL), 0);
    for (int i = 2; i < PROCEDURE_MUNICIPALITIES_MAX; i++) {
        (void)snprintf(municipality.code, sizeof municipality.code, "%05d", 40000 + i);
        assert_int_equal(municipality_add_in(&txn, &municipality, 1, NULL), 0);
    }
    (void)snprintf(municipality.code, sizeof municipality.code, "00001");
    assert_int_equal(municipality_add_in(&txn, &municipality, 1, NULL), -ERR_CONFLICT);
}

static void municipalities_are_listed_by_code(void **state)
{
    CLEANUP(json_freep) struct json *list = NULL;
    const char *code;

    (void)state;
    assert_int_equal(add("01100", "札幌市"), 0);
    assert_int_equal(municipality_list(site.db, &list, NULL), 0);
    assert_int_equal(json_count(list), 3);
    assert_int_equal(json_get_text(json_at(list, 0), "code", &code, NULL), 0);
    assert_string_equal(code, "01100");
}

/* ---- texts ---- */

static void the_same_text_again_changes_nothing(void **state)
{
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    const int64_t before = records();

    (void)state;
    assert_int_equal(procedures_put(&site, "", "claim", "請求", "要約", ""), id);
    assert_int_equal(records(), before);
    assert_int_equal(count("SELECT version FROM procedure_text"), 1);
    assert_int_equal(procedures_put(&site, "", "claim", "届出", "要約", ""), id);
    assert_int_equal(records(), before + 1);
    assert_int_equal(count("SELECT version FROM procedure_text"), 2);
    /* 届出, 出, 要約, 約: the grams of before are gone */
    assert_int_equal(count("SELECT count(*) FROM procedure_gram"), 4);
}

static void a_code_is_good_for_each_owner(void **state)
{
    (void)state;
    assert_int_not_equal(procedures_put(&site, "", "claim", "a", "b", ""),
                         procedures_put(&site, "13101", "claim", "a", "b", ""));
}

static int put_code(const char *code)
{
    CLEANUP(json_freep) struct json *content = NULL;
    const struct audit_origin by = procedures_by();
    struct procedure_text text = {.owner = "", .code = code};
    int64_t id;

    assert_int_equal(
        json_parse(BYTES_LITERAL("{\"category\":\"other\",\"events\":[],\"name\":\"n\","
                                 "\"summary\":\"s\"}"),
                   &content, NULL),
        0);
    text.content = content;
    return procedure_put_text(site.db, &text, &by, &id, NULL);
}

static void codes_are_plain(void **state)
{
    char code[PROCEDURE_CODE_SIZE + 1];

    (void)state;
    assert_int_equal(put_code(""), -ERR_INPUT);
    assert_int_equal(put_code("A"), -ERR_INPUT);
    assert_int_equal(put_code("a b"), -ERR_INPUT);
    assert_int_equal(put_code("../a"), -ERR_INPUT);
    memset(code, 'a', sizeof code);
    code[PROCEDURE_CODE_SIZE] = '\0';
    assert_int_equal(put_code(code), -ERR_INPUT);
    code[PROCEDURE_CODE_SIZE - 1] = '\0';
    assert_int_equal(put_code(code), 0);
    assert_int_equal(count("SELECT count(*) FROM procedure_text"), 1);
}

static void what_comes_with_the_program_is_loaded_once(void **state)
{
    const struct audit_origin by = procedures_by();
    char path[TEMPDIR_FILE_SIZE + 200];
    int64_t loaded;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/openjpki/procedures.json", getenv("JPKI_TEST_SHARE"));
    assert_int_equal(procedure_load(site.db, path, &by, &loaded, NULL), 0);
    assert_int_equal(loaded, 21);
    assert_int_equal(count("SELECT count(*) FROM procedure_text WHERE has_form"), 21);
    assert_int_equal(procedure_load(site.db, path, &by, &loaded, NULL), 0);
    assert_int_equal(count("SELECT max(version) FROM procedure_text"), 1);
}

static void what_is_no_file_of_procedures_is_refused(void **state)
{
    static const char *const files[] = {
        "",
        "[]",
        "{\"version\":2,\"texts\":[]}",
        "{\"version\":1}",
        "{\"version\":1,\"texts\":[1]}",
        "{\"version\":1,\"texts\":[{\"code\":\"a\",\"content\":{}}]}",
    };
    const struct audit_origin by = procedures_by();
    char path[TEMPDIR_FILE_SIZE];
    int64_t loaded = -1;

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)tempdir_file(&dir, "texts.json", path);
        assert_int_equal(file_replace(path, 0600, bytes_text(files[i]), NULL), 0);
        assert_int_equal(procedure_load(site.db, path, &by, &loaded, NULL), -ERR_INPUT);
    }
    assert_int_equal(procedure_load(site.db, "/nowhere", &by, &loaded, NULL), -ERR_ABSENT);
    assert_int_equal(loaded, -1);
}

/* ---- offerings ---- */

static void an_offering_is_shown_as_it_was_made(void **state)
{
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", ",\"alias\":\"別名\"");
    struct procedure_offering offering = procedures_plain("13101", id);
    char psid[PSID_SIZE];

    (void)state;
    offering.is_online = true;
    offering.from = "2026-04-01";
    offering.until = "2027-03-31";
    procedures_offer(&site, &offering, psid);
    assert_string_equal(psid, "131010000001");
    assert_int_equal(procedure_get(site.db, psid, PROCEDURES_NOW, &detail, NULL), 0);
    assert_string_equal(detail.item.name, "請求");
    assert_string_equal(detail.item.alias, "別名");
    assert_string_equal(detail.item.until, "2027-03-31");
    assert_string_equal(detail.municipality.name, "千代田区");
    assert_true(detail.item.is_online);
    assert_int_equal(detail.item.version, 1);
    assert_int_equal(detail.item.open_until, 0);
    assert_true(json_has(detail.content, "summary"));
}

static void set_text(struct json *contact, const char *member, size_t len)
{
    char text[PROCEDURE_ENGLISH_NAME_MAX + 2];

    memset(text, 'x', len);
    text[len] = '\0';
    assert_int_equal(json_put_text(contact, member, text, NULL), 0);
}

/* Nothing is there in English that is not there in Japanese, and no more than there is room for. */
static void what_is_no_english_of_an_offering_is_refused(void **state)
{
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    char long_name[PROCEDURE_ENGLISH_NAME_MAX + 2] = "";

    (void)state;
    offering.department_en = "";
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering.department_en = "a\xe2\x80\xae"
                             "b";
    assert_int_equal(offer(&offering), -ERR_INPUT);
    memset(long_name, 'x', PROCEDURE_ENGLISH_NAME_MAX + 1);
    offering.department_en = long_name;
    assert_int_equal(offer(&offering), -ERR_INPUT);
    long_name[PROCEDURE_ENGLISH_NAME_MAX] = '\0';
    assert_int_equal(offer(&offering), 0);
    for (size_t i = 0; i < 3; i++) {
        static const char *const members[][2] = {
            {"name", "name_en"}, {"address", "address_en"}, {"notes", "notes_en"}};
        CLEANUP(json_freep) struct json *contact = json_object_new();

        offering.contact = contact;
        set_text(contact, members[i][1], 1);
        assert_int_equal(offer(&offering), -ERR_INPUT); /* alone */
        set_text(contact, members[i][0], 1);
        assert_int_equal(offer(&offering), 0);
        set_text(contact, members[i][1], PROCEDURE_ENGLISH_NAME_MAX);
        assert_int_equal(offer(&offering), 0);
        set_text(contact, members[i][1], PROCEDURE_ENGLISH_NAME_MAX + 1);
        assert_int_equal(offer(&offering), -ERR_INPUT);
    }
}

static void a_department_is_told_in_english_if_it_has_said_so(void **state)
{
    CLEANUP(procedure_detail_done) struct procedure_detail before = {.content = NULL};
    CLEANUP(procedure_detail_done) struct procedure_detail after = {.content = NULL};
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    char psid[PSID_SIZE];

    (void)state;
    procedures_offer(&site, &offering, psid);
    assert_int_equal(procedure_get(site.db, psid, PROCEDURES_NOW, &before, NULL), 0);
    assert_string_equal(before.item.department_en, "");
    offering.department_en = "Family Division";
    procedures_offer(&site, &offering, psid);
    assert_int_equal(procedure_get(site.db, psid, PROCEDURES_NOW, &after, NULL), 0);
    assert_string_equal(after.item.department_en, "Family Division");
    assert_true(json_has(after.content, "summary") && after.contact != NULL);
}

static void an_offering_changes_under_its_psid(void **state)
{
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    char psid[PSID_SIZE], again[PSID_SIZE];

    (void)state;
    procedures_offer(&site, &offering, psid);
    offering.department = "こども課";
    procedures_offer(&site, &offering, again);
    assert_string_equal(psid, again);
    assert_int_equal(procedure_get(site.db, psid, PROCEDURES_NOW, &detail, NULL), 0);
    assert_string_equal(detail.item.department, "こども課");
    assert_int_equal(detail.item.version, 2);
    assert_int_equal(count("SELECT count(*) FROM procedure_offering"), 1);
}

static void what_cannot_be_offered_is_refused(void **state)
{
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    int64_t own = procedures_put(&site, "13102", "run", "マラソン", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    const int64_t before = records();

    (void)state;
    offering.from = "2026-4-1";
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering.from = "2026-04-02";
    offering.until = "2026-04-01";
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering.until = "";
    offering.open_from = 2;
    offering.open_until = 1;
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering.open_until = 0;
    offering.department = "";
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering = procedures_plain("13199", id);
    assert_int_equal(offer(&offering), -ERR_ABSENT);
    offering = procedures_plain("13101", own); /* somebody else's */
    assert_int_equal(offer(&offering), -ERR_ABSENT);
    offering = procedures_plain("13101", own + 1);
    assert_int_equal(offer(&offering), -ERR_ABSENT);
    assert_int_equal(count("SELECT count(*) FROM procedure_offering"), 0);
    assert_int_equal(records(), before);
    offering = procedures_plain("13102", own);
    assert_int_equal(offer(&offering), 0);
}

static void what_has_no_form_is_not_offered_online(void **state)
{
    struct procedure_offering offering = procedures_plain("13101", 1);

    (void)state;
    assert_int_equal(put_code("plain"), 0);
    offering.is_online = true;
    assert_int_equal(offer(&offering), -ERR_INPUT);
    offering.is_online = false;
    assert_int_equal(offer(&offering), 0);
}

static void it_is_shown_from_its_first_second_to_its_last(void **state)
{
    static const struct {
        int64_t at;
        int rc;
    } rows[] = {{99, -ERR_ABSENT}, {100, 0}, {200, 0}, {201, -ERR_ABSENT}};
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    char psid[PSID_SIZE];

    (void)state;
    offering.open_from = 100;
    offering.open_until = 200;
    procedures_offer(&site, &offering, psid);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};

        assert_int_equal(procedure_get(site.db, psid, rows[i].at, &detail, NULL), rows[i].rc);
    }
}

static void all_that_is_missing_can_be_offered_at_once(void **state)
{
    static const char *const office[] = {"総務課", "General Affairs"};
    const struct audit_origin by = procedures_by();
    struct procedure_offering offering = procedures_plain(
        "13101", procedures_put(&site, "", "claim", "請求", "要約", ""));
    char psid[PSID_SIZE];
    int64_t added;

    (void)state;
    procedures_offer(&site, &offering, psid);
    assert_int_equal(put_code("formless"), 0);
    (void)procedures_put(&site, "", "more", "届出", "要約", "");
    (void)procedures_put(&site, "13102", "own", "届出", "要約", "");
    assert_int_equal(procedure_offer_standard(site.db, "13101", office, &by, &added, NULL), 0);
    assert_int_equal(added, 2);
    assert_int_equal(count("SELECT count(*) FROM procedure_offering WHERE is_online = 1"), 1);
    assert_int_equal(count("SELECT count(*) FROM procedure_offering WHERE department = '総務課'"
                           " AND department_en = 'General Affairs'"),
                     2);
    assert_int_equal(procedure_offer_standard(site.db, "13101", office, &by, &added, NULL), 0);
    assert_int_equal(added, 0);
    assert_int_equal(procedure_offer_standard(site.db, "13199", office, &by, &added, NULL),
                     -ERR_ABSENT);
}

static void only_its_own_municipality_withdraws_it(void **state)
{
    const struct audit_origin by = procedures_by();
    int64_t id = procedures_put(&site, "", "claim", "請求", "要約", "");
    struct procedure_offering offering = procedures_plain("13101", id);
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    char psid[PSID_SIZE];

    (void)state;
    procedures_offer(&site, &offering, psid);
    assert_int_equal(procedure_withdraw(site.db, "13102", psid, &by, NULL), -ERR_ABSENT);
    assert_int_equal(procedure_withdraw(site.db, "13101", psid, &by, NULL), 0);
    assert_int_equal(procedure_withdraw(site.db, "13101", psid, &by, NULL), -ERR_ABSENT);
    assert_int_equal(procedure_get(site.db, psid, PROCEDURES_NOW, &detail, NULL), -ERR_ABSENT);
}

static void a_municipality_offers_so_many(void **state)
{
    struct procedure_offering offering = procedures_plain("13101", 0);
    char psid[PSID_SIZE];

    (void)state;
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        CLEANUP(json_freep) struct json *content = NULL;
        struct procedure_text text = {.owner = ""};
        char code[16];

        text.code = code;
        assert_int_equal(json_parse(BYTES_LITERAL("{\"category\":\"other\",\"events\":[],"
                                                  "\"name\":\"n\",\"summary\":\"s\"}"),
                                    &content, NULL),
                         0);
        text.content = content;
        assert_int_equal(db_begin(site.db, &txn, NULL), 0);
        for (int i = 0; i <= PROCEDURE_OFFERINGS_MAX; i++) {
            (void)snprintf(code, sizeof code, "c%d", i);
            assert_int_equal(procedure_put_text_in(&txn, &text, 1, &offering.text, NULL), 0);
            if (i < PROCEDURE_OFFERINGS_MAX)
                assert_int_equal(procedure_offer_in(&txn, &offering, 1, psid, NULL), 0);
        }
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(offer(&offering), -ERR_CONFLICT);
    offering.text--; /* one that is offered may still be changed */
    assert_int_equal(offer(&offering), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_municipality_is_refused, set_up, tear_down),
        cmocka_unit_test(a_code_has_a_check_digit_or_none),
        cmocka_unit_test_setup_teardown(there_are_so_many_municipalities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(municipalities_are_listed_by_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_text_again_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_is_good_for_each_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(codes_are_plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_comes_with_the_program_is_loaded_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_of_procedures_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_form_is_not_offered_online, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_offering_is_shown_as_it_was_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_english_of_an_offering_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_department_is_told_in_english_if_it_has_said_so, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_offering_changes_under_its_psid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_offered_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_shown_from_its_first_second_to_its_last, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(all_that_is_missing_can_be_offered_at_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_its_own_municipality_withdraws_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_municipality_offers_so_many, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
