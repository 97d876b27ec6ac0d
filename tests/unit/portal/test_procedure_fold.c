/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_folds(const char *text, const char *expected)
{
    CLEANUP(buf_done) struct buf folded = BUF_INIT;
    const char *is;

    assert_int_equal(fold_text(bytes_text(text), &folded, NULL), 0);
    assert_int_equal(buf_text(&folded, &is, NULL), 0);
    assert_string_equal(is, expected);
}

static void what_is_written_in_two_ways_is_one(void **state)
{
    static const struct {
        const char *text, *folded;
    } rows[] = {
        {"ＡＢＣ１２３", "abc123"},
        {"Child Care", "child care"},
        {"じどうてあて", "ジドウテアテ"},
        {"ｼﾞﾄﾞｳﾃｱﾃ", "ジドウテアテ"},     /* half-width, with marks */
        {"し\xe3\x82\x99とう", "ジトウ"}, /* combining marks */
        {"ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ", "パピプペポ"},
        {"ﾊﾞﾋﾞﾌﾞﾍﾞﾎﾞ", "バビブベボ"},
        {"ｶﾞｷﾞﾁﾞﾂﾞﾄﾞ", "ガギヂヅド"},
        {"ｳﾞ", "ヴ"},
        {"ｱﾞ", "ア"}, /* no such kana: the mark is nothing */
        {"ﾗﾟ", "ラ"},
        {"データ－〒100‐0001", "データ- 100-0001"},
        {"ﾃﾞｰﾀ", "データ"},
        {"　児童　手当、等。（申請）", "児童 手当 等 申請"},
        {"!?", ""},
        {"", ""},
        {"𠮷野家", "𠮷野家"}, /* outside the first plane */
        {"時々ゝゞ", "時々ヽヾ"},
        {"ﾞ先頭", "先頭"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_folds(rows[i].text, rows[i].folded);
}

static void folding_again_changes_nothing(void **state)
{
    (void)state;
    assert_folds("ジドウテアテ", "ジドウテアテ");
    assert_folds("児童 手当 等 申請", "児童 手当 等 申請");
}

static void malformed_text_is_refused(void **state)
{
    static const char *const texts[] = {"\xe5\x85", "a\xff", "\xc0\x80", "\xed\xa0\x80"};
    CLEANUP(buf_done) struct buf folded = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(fold_text(bytes_text(texts[i]), &folded, NULL), -ERR_INPUT);
}

static bool has(const struct grams *grams, int64_t first, int64_t last)
{
    for (size_t i = 0; i < grams->count; i++)
        if (grams->at[i] >= first && grams->at[i] <= last)
            return true;
    return false;
}

/* As a search asks. */
static bool has_word(const char *text, const char *word)
{
    CLEANUP(grams_done) struct grams grams = {NULL, 0};
    struct bytes rest = bytes_text(word);
    int64_t first, last;

    assert_int_equal(grams_of(bytes_text(text), &grams, NULL), 0);
    for (bool is_first = true; grams_take(&rest, is_first, &first, &last); is_first = false)
        if (!has(&grams, first, last))
            return false;
    return true;
}

static void a_word_in_a_text_has_its_grams(void **state)
{
    static const char text[] = "児童手当 認定請求 x";

    (void)state;
    assert_true(has_word(text, "児童手当"));
    assert_true(has_word(text, "手当"));
    assert_true(has_word(text, "請求"));
    assert_true(has_word(text, "児")); /* one character, wherever it stands */
    assert_true(has_word(text, "求"));
    assert_true(has_word(text, "x"));
    assert_false(has_word(text, "当認")); /* of two words */
    assert_false(has_word(text, "手帳"));
    assert_false(has_word(text, "求x"));
    assert_false(has_word(text, "y"));
}

static void grams_ascend_and_are_there_once(void **state)
{
    CLEANUP(grams_done) struct grams grams = {NULL, 0};

    (void)state;
    assert_int_equal(grams_of(bytes_text("abababa ba"), &grams, NULL), 0);
    assert_int_equal(grams.count, 3); /* ab, ba, a at an end */
    for (size_t i = 1; i < grams.count; i++)
        assert_true(grams.at[i - 1] < grams.at[i]);
    grams_done(&grams);
    assert_int_equal(grams_of(bytes_text(""), &grams, NULL), 0);
    assert_int_equal(grams.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_in_two_ways_is_one),
        cmocka_unit_test(folding_again_changes_nothing),
        cmocka_unit_test(malformed_text_is_refused),
        cmocka_unit_test(a_word_in_a_text_has_its_grams),
        cmocka_unit_test(grams_ascend_and_are_there_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
