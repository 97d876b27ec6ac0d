/* SPDX-License-Identifier: Apache-2.0 */
#include "register/municipality.h"

#include "register/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AOMORI "02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n"
#define KOBE   "28100\t0\t兵庫県\tHyogo-ken\t神戸市\tこうべし\tKobe-shi\n"

static void assert_refused(const char *text, const char *words)
{
    struct municipalities *list = NULL;
    struct err err = {0};

    assert_int_equal(municipalities_parse(bytes_text(text), &list, &err), -ERR_INPUT);
    assert_null(list);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void lines_that_are_not_as_described_are_refused_with_their_number(void **state)
{
    (void)state;
    assert_refused("", "no municipalities");
    assert_refused("# only a comment\n", "no municipalities");
    assert_refused(AOMORI "28100", "last line");
    assert_refused(AOMORI "\n" KOBE, "line 2: column 1 is empty");
    assert_refused(AOMORI "# comment\n" KOBE, "line 2: 1 columns");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\n", "line 1: 6 columns");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\tx\n",
                   "more than 7 columns");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\t\tAomori-shi\n", "column 6 is empty");
    assert_refused("\xff\n", "UTF-8");
}

static void codes_that_cannot_be_are_refused(void **state)
{
    (void)state;
    assert_refused("0220\t8\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n", "five digits");
    assert_refused("0220x\t8\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n", "five digits");
    assert_refused("02201\t7\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n", "check digit");
    assert_refused("02201\t88\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n",
                   "check digit");
    assert_refused("48201\t1\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n",
                   "no prefecture 48");
    assert_refused("00201\t1\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n",
                   "no prefecture 00");
    assert_refused(KOBE AOMORI, "line 2: the code 02201 is not above");
    assert_refused(AOMORI AOMORI, "not above");
}

static void romaji_that_do_not_fit_the_kind_of_place_are_refused(void **state)
{
    (void)state;
    assert_refused("02201\t2\t青森県\tAomori\t青森市\tあおもりし\tAomori-shi\n", "prefecture's");
    assert_refused("02201\t2\t青森県\tAomori-fu\t青森市\tあおもりし\tAomori-shi\n", "prefecture's");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori\n", "romaji");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-machi\n", "romaji");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAo mori-shi\n", "romaji");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\taomori-shi\n", "romaji");
    assert_refused("02201\t2\t青森県\tAomori-ken\t青森\tあおもり\tAomori-shi\n", "romaji");
    assert_refused(AOMORI "02202\t1\t青森県\tAomorii-ken\t弘前市\tひろさきし\tHirosaki-shi\n",
                   "two names");
}

static void a_column_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    (void)state;
    for (int past = 0; past < 2; past++) {
        CLEANUP(municipalities_freep) struct municipalities *list = NULL;
        char kana[MUNICIPALITY_FIELD_MAX + 2] = "";
        char line[256];

        memset(kana, 'a', (size_t)(MUNICIPALITY_FIELD_MAX + past));
        (void)snprintf(line, sizeof line, "02201\t2\t青森県\tAomori-ken\t青森市\t%s\tAomori-shi\n",
                       kana);
        assert_int_equal(municipalities_parse(bytes_text(line), &list, NULL),
                         past ? -ERR_INPUT : 0);
    }
}

static void a_file_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    (void)state;
    for (size_t past = 0; past < 2; past++) {
        CLEANUP(municipalities_freep) struct municipalities *list = NULL;
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        size_t comment = MUNICIPALITY_FILE_MAX + past - (sizeof AOMORI - 1);

        assert_int_equal(buf_reserve(&text, MUNICIPALITY_FILE_MAX + 1, NULL), 0);
        memset(text.ptr, '#', comment - 1);
        text.ptr[comment - 1] = '\n';
        text.len = comment;
        assert_int_equal(buf_append_text(&text, AOMORI, NULL), 0);
        assert_int_equal(municipalities_parse(buf_bytes(&text), &list, NULL),
                         past ? -ERR_INPUT : 0);
    }
}

static void more_municipalities_than_the_limit_are_refused(void **state)
{
    (void)state;
    for (int past = 0; past < 2; past++) {
        CLEANUP(municipalities_freep) struct municipalities *list = NULL;
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        for (int i = 0; i < MUNICIPALITY_MAX + past; i++) {
            int code = 1000 + i;
            int sum = code / 10000 * 6 + code / 1000 % 10 * 5 + code / 100 % 10 * 4 +
                      code / 10 % 10 * 3 + code % 10 * 2;

            assert_int_equal(buf_append_format(&text, NULL, "%05d\t%d\t%s\t%s\tあ市\tあし\tA-shi\n",
                                               code, (11 - sum % 11) % 10, "都", "A-to"),
                             0);
        }
        assert_int_equal(municipalities_parse(buf_bytes(&text), &list, NULL),
                         past ? -ERR_INPUT : 0);
    }
}

static void the_projects_own_list_is_right(void **state)
{
    CLEANUP(municipalities_freep) struct municipalities *list = NULL;
    const struct municipality *found;
    struct err err = {0};
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/openjpki/municipalities.tsv", getenv("JPKI_TEST_SHARE"));
    if (municipalities_load(path, &list, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(municipalities_count(list), 1736);
    assert_int_equal(municipality_find(list, "28100", &found, NULL), 0);
    assert_string_equal(found->name, "神戸市");
    assert_string_equal(found->prefecture_romaji, "Hyogo-ken");
    assert_string_equal(found->romaji, "Kobe-shi");
    assert_int_equal(municipality_find(list, "01100", &found, NULL), 0);
    assert_string_equal(found->prefecture_romaji, "Hokkaido");
    assert_int_equal(municipality_find(list, "47382", &found, NULL), 0);
    assert_int_equal(municipality_find(list, "28101", &found, NULL), -ERR_INPUT); /* a ward */
    assert_int_equal(municipality_find(list, "2810", &found, NULL), -ERR_INPUT);
    assert_int_equal(municipality_find(list, "281000", &found, NULL), -ERR_INPUT);
    assert_int_equal(municipality_find(list, "", &found, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_are_not_as_described_are_refused_with_their_number),
        cmocka_unit_test(codes_that_cannot_be_are_refused),
        cmocka_unit_test(romaji_that_do_not_fit_the_kind_of_place_are_refused),
        cmocka_unit_test(a_column_at_the_limit_is_taken_and_one_past_it_refused),
        cmocka_unit_test(a_file_at_the_limit_is_taken_and_one_past_it_refused),
        cmocka_unit_test(more_municipalities_than_the_limit_are_refused),
        cmocka_unit_test(the_projects_own_list_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
