/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/search.h"

#include "support/procedures.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tempdir dir;
static struct procedures site;
static char allowance[PSID_SIZE], nursery[PSID_SIZE], care[PSID_SIZE], run[PSID_SIZE];

static void offer(const char *municipality, int64_t text, bool is_online, char ret[PSID_SIZE])
{
    struct procedure_offering offering = procedures_plain(municipality, text);

    offering.is_online = is_online;
    procedures_offer(&site, &offering, ret);
}

/* Three texts of all, which both municipalities offer, and one of Chuo's own. */
static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE], other[PSID_SIZE];
    int64_t ids[4];

    (void)state;
    dir = tempdir_make();
    procedures_open(&site, tempdir_file(&dir, "p.db", path));
    procedures_add_municipality(&site, "13101", "千代田区");
    procedures_add_municipality(&site, "13102", "中央区");
    ids[0] = procedures_put(&site, "", "allowance", "児童手当の認定請求", "子どもが生まれたとき",
                            ",\"body\":[{\"paragraph\":\"保育の有無は問いません。\"}]");
    ids[1] = procedures_put(&site, "", "nursery", "保育施設の利用申込", "児童を預けるとき",
                            ",\"alias\":\"保育園の申込\"");
    ids[2] = procedures_put(&site, "", "care", "要介護認定の申請", "介護が必要になったとき",
                            ",\"requirements\":[{\"list\":[\"被保険者証\"]}]");
    ids[3] = procedures_put(&site, "13102", "run", "区民マラソン大会の申込", "１０キロを走る",
                            ",\"body\":[{\"paragraph\":\"ﾏﾗｿﾝ\"}]");
    offer("13101", ids[0], true, allowance);
    offer("13101", ids[1], false, nursery);
    offer("13101", ids[2], true, care);
    for (int i = 0; i < 3; i++)
        offer("13102", ids[i], true, other);
    offer("13102", ids[3], true, run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    procedures_close(&site);
    tempdir_done(&dir);
    return 0;
}

static struct procedure_query plain(const char *municipality)
{
    return (struct procedure_query){
        .municipality = municipality, .now = PROCEDURES_NOW, .limit = 20};
}

/* What is found, in order, ended by NULL. */
static void assert_finds(const struct procedure_query *query, const char *const *expected)
{
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};
    size_t i = 0;

    assert_int_equal(procedure_search(site.db, query, &page, NULL), 0);
    for (; expected[i] != NULL; i++) {
        if (i >= page.count)
            fail_msg("%s is not found", expected[i]);
        assert_string_equal(page.items[i].psid, expected[i]);
    }
    assert_int_equal(page.count, i);
    assert_string_equal(page.next, "");
}

static void assert_words(const char *const *words, const char *const *expected)
{
    struct procedure_query query = plain("13101");

    query.words = words;
    assert_finds(&query, expected);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING   ((const char *const[]){NULL})

static void all_words_must_be_there(void **state)
{
    (void)state;
    assert_words(LIST("児童手当"), LIST(allowance));
    assert_words(LIST("認定"), LIST(allowance, care));
    assert_words(LIST("認定", "介護"), LIST(care));
    assert_words(LIST("認定 介護"), LIST(care)); /* with a space, the same */
    assert_words(LIST("認定", "マラソン"), NOTHING);
    assert_words(LIST("手帳"), NOTHING);
}

static void grams_that_stand_apart_are_no_word(void **state)
{
    /* 認定, 定申, 申請: of 要介護認定の申請, in which 定申 is not; 保育園の, 育園 but no 園児 */
    (void)state;
    assert_words(LIST("認定申請"), NOTHING);
    procedures_put(&site, "", "allowance", "あいう いうえ", "s", "");
    assert_words(LIST("あいうえ"), NOTHING); /* あい, いう and うえ are there, not in a row */
    assert_words(LIST("いうえ"), LIST(allowance));
}

static void however_it_is_written(void **state)
{
    struct procedure_query query = plain("13102");

    (void)state;
    query.words = LIST("まらそん");
    assert_finds(&query, LIST(run));
    query.words = LIST("ﾏﾗｿﾝ大会");
    assert_finds(&query, LIST(run));
    query.words = LIST("10キロ");
    assert_finds(&query, LIST(run));
}

static void one_character_finds_too(void **state)
{
    (void)state;
    assert_words(LIST("護"), LIST(care));
    assert_words(LIST("証"), LIST(care)); /* the last one of its text */
    assert_words(LIST("犬"), NOTHING);
}

static void a_name_comes_before_a_summary_before_the_rest(void **state)
{
    (void)state;
    /* in the name of the second, in the body of the first */
    assert_words(LIST("保育"), LIST(nursery, allowance));
    /* in the name of the first, in the summary of the second */
    assert_words(LIST("児童"), LIST(allowance, nursery));
}

static void without_words_all_are_listed_in_their_order(void **state)
{
    struct procedure_query query = plain("13101");

    (void)state;
    assert_finds(&query, LIST(allowance, nursery, care));
    query.municipality = "13199";
    assert_finds(&query, NOTHING);
}

static void filters_leave_out_others(void **state)
{
    struct procedure_query query = plain("13101");

    (void)state;
    query.is_online = true;
    assert_finds(&query, LIST(allowance, care));
    query.category = "eldercare";
    assert_finds(&query, NOTHING);
    query.category = "childcare";
    query.event = "birth";
    assert_finds(&query, LIST(allowance, care));
    query.event = "death";
    assert_finds(&query, NOTHING);
}

static void what_is_not_shown_is_not_found(void **state)
{
    struct procedure_offering offering = procedures_plain("13101", 1);
    struct procedure_query query = plain("13101");
    char psid[PSID_SIZE];

    (void)state;
    offering.open_until = PROCEDURES_NOW - 1;
    procedures_offer(&site, &offering, psid);
    assert_finds(&query, LIST(nursery, care));
}

static void all_municipalities_can_be_searched(void **state)
{
    struct procedure_query query = plain(NULL);

    (void)state;
    query.words = LIST("マラソン");
    assert_finds(&query, LIST(run));
    query.words = LIST("児童手当");
    assert_finds(&query, LIST("131010000001", "131020000001"));
    query.words = LIST("保育");
    query.is_online = true;
    assert_finds(&query, LIST("131020000002", "131010000001", "131020000001"));
}

/* Page by page with one on each, until there are no more. */
static size_t walk(struct procedure_query query, char ret[8][PSID_SIZE])
{
    char after[PROCEDURE_CURSOR_SIZE];
    size_t count = 0;

    query.limit = 1;
    for (;;) {
        CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};

        assert_int_equal(procedure_search(site.db, &query, &page, NULL), 0);
        assert_int_equal(page.count, 1);
        assert_true(count < 8);
        memcpy(ret[count++], page.items[0].psid, PSID_SIZE);
        if (page.next[0] == '\0')
            return count;
        memcpy(after, page.next, sizeof after);
        query.after = after;
    }
}

static void pages_are_the_whole_in_order(void **state)
{
    struct procedure_query query = plain(NULL);
    char walked[8][PSID_SIZE];

    (void)state;
    query.words = LIST("保育");
    assert_int_equal(walk(query, walked), 4);
    assert_string_equal(walked[0], "131010000002");
    assert_string_equal(walked[1], "131020000002");
    assert_string_equal(walked[2], "131010000001");
    assert_string_equal(walked[3], "131020000001");
    query = plain("13101");
    assert_int_equal(walk(query, walked), 3);
    assert_string_equal(walked[2], care);
}

static void a_page_goes_on_when_its_last_one_has_gone(void **state)
{
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};
    CLEANUP(procedure_page_done) struct procedure_page second = {.items = NULL};
    const struct audit_origin by = procedures_by();
    struct procedure_query query = plain("13101");

    (void)state;
    query.limit = 1;
    assert_int_equal(procedure_search(site.db, &query, &page, NULL), 0);
    assert_int_equal(page.hits, 3);
    assert_int_equal(procedure_withdraw(site.db, "13101", allowance, &by, NULL), 0);
    query.after = page.next;
    assert_int_equal(procedure_search(site.db, &query, &second, NULL), 0);
    assert_string_equal(second.items[0].psid, nursery);
}

static int search_words(const char *const *words)
{
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};
    struct procedure_query query = plain("13101");

    query.words = words;
    return procedure_search(site.db, &query, &page, NULL);
}

static void what_is_no_search_is_refused(void **state)
{
    static const char *const cursors[] = {"",
                                          "1",
                                          "1-2",
                                          "1-2-3",
                                          "1-2-3-4",
                                          "a-2-3-131010000001",
                                          "1-2-3-1310100000011",
                                          "1--2-3-131010000001",
                                          "9999999999-2-3-131010000001",
                                          "1-2-3-13101000000'"};
    struct procedure_query query = plain("13101");

    (void)state;
    for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
        CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};

        query.after = cursors[i];
        if (procedure_search(site.db, &query, &page, NULL) != -ERR_INPUT)
            fail_msg("taken: %s", cursors[i]);
    }
    assert_int_equal(search_words(LIST("、。")), -ERR_INPUT);
    assert_int_equal(search_words(LIST("")), -ERR_INPUT);
    assert_int_equal(search_words(LIST("児童", "\xff")), -ERR_INPUT);
}

static void words_and_pages_have_limits(void **state)
{
    const char *many[PROCEDURE_KEYWORDS_MAX + 2] = {NULL};
    char word[PROCEDURE_KEYWORD_MAX + 2] = "";
    struct procedure_query query = plain("13101");
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};

    (void)state;
    for (size_t i = 0; i < PROCEDURE_KEYWORDS_MAX; i++)
        many[i] = "認定";
    assert_int_equal(search_words(many), 0);
    many[PROCEDURE_KEYWORDS_MAX] = "認定";
    assert_int_equal(search_words(many), -ERR_INPUT);
    memset(word, 'w', PROCEDURE_KEYWORD_MAX);
    assert_int_equal(search_words(LIST(word)), 0);
    word[PROCEDURE_KEYWORD_MAX] = 'w';
    assert_int_equal(search_words(LIST(word)), -ERR_INPUT);
    query.limit = PROCEDURE_PAGE_MAX + 1;
    assert_int_equal(procedure_search(site.db, &query, &page, NULL), -ERR_INPUT);
    query.limit = 0;
    assert_int_equal(procedure_search(site.db, &query, &page, NULL), -ERR_INPUT);
    query.limit = PROCEDURE_PAGE_MAX;
    assert_int_equal(procedure_search(site.db, &query, &page, NULL), 0);
}

#define BOTH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(all_words_must_be_there),
        BOTH(grams_that_stand_apart_are_no_word),
        BOTH(however_it_is_written),
        BOTH(one_character_finds_too),
        BOTH(a_name_comes_before_a_summary_before_the_rest),
        BOTH(without_words_all_are_listed_in_their_order),
        BOTH(filters_leave_out_others),
        BOTH(what_is_not_shown_is_not_found),
        BOTH(all_municipalities_can_be_searched),
        BOTH(pages_are_the_whole_in_order),
        BOTH(a_page_goes_on_when_its_last_one_has_gone),
        BOTH(what_is_no_search_is_refused),
        BOTH(words_and_pages_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
