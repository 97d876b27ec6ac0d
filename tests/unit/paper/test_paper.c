/* SPDX-License-Identifier: Apache-2.0 */
/* qpdf judges whether it is a PDF, poppler what is in it; where they are not installed, the tests
 * that need them are skipped. */
#include "base/file.h"
#include "paper/limits.h"
#include "paper/paper.h"
#include "support/child.h"
#include "support/extract.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { JUDGE_MS = 60000, NO_SUCH_PROGRAM = 127 };

static struct paper_font *font;
static const struct paper_head head = {"住民票の写し", "T-20261126-1", 1795700040};

static int setup(void **state)
{
    (void)state;
    return paper_font_open(NULL, &font, NULL);
}

static int teardown(void **state)
{
    (void)state;
    paper_font_freep(&font);
    return 0;
}

static struct paper *begin(void)
{
    struct paper *paper = NULL;

    assert_int_equal(paper_new(font, &head, &paper, NULL), 0);
    return paper;
}

static void tell_some(struct paper *paper)
{
    static const struct paper_row rows[] = {{"氏名", "番号 花子"},
                                            {"住所", "東京都例示区見本町１丁目２番３号"}};

    assert_int_equal(paper_heading(paper, "記載されている方", NULL), 0);
    assert_int_equal(paper_table(paper, rows, 2, NULL), 0);
    assert_int_equal(paper_line(paper, "以上のとおりです。", NULL), 0);
}

/* What a program says of a document, in *ret; the test is skipped where there is no such program.
 */
static void judge(const char *const argv[], struct bytes pdf, struct buf *ret)
{
    CLEANUP(child_result_done) struct child_result result = child_run(argv, pdf, JUDGE_MS);

    if (result.exit_code == NO_SUCH_PROGRAM)
        skip();
    if (result.exit_code != 0)
        fail_msg("%s: %.*s%.*s", argv[0], (int)result.out.len, (const char *)result.out.ptr,
                 (int)result.err.len, (const char *)result.err.ptr);
    buf_move(ret, &result.out);
}

static bool has(const struct buf *text, const char *part)
{
    return extract_count(text, part) > 0;
}

static void have_qpdf_check(struct bytes pdf)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    const char *const argv[] = {"qpdf", "--check", tempdir_file(&dir, "paper.pdf", path), NULL};

    assert_int_equal(file_replace(path, 0600, pdf, NULL), 0);
    judge(argv, (struct bytes){NULL, 0}, &said);
    assert_true(has(&said, "No syntax or stream encoding errors found"));
}

static void a_document_is_a_pdf_for_qpdf(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;

    (void)state;
    tell_some(paper);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    have_qpdf_check(buf_bytes(&pdf));
}

/* What the room says itself, on the sheet and at its end; the mark is a shape. */
static void a_document_in_english_says_nothing_in_japanese(void **state)
{
    static const struct paper_head english = {"Copy of information", "T-1", 1795700040,
                                              PAPER_ENGLISH};
    static const struct paper_row row = {"Year", "2025"};
    static const char *const parts[] = {"Copy of information",
                                        "TEST, unofficial: this certifies nothing",
                                        "No. T-1",
                                        "Issued 26 November 2026 22:34 JST",
                                        "〓 stands for a character",
                                        "1 / 1"};
    CLEANUP(paper_freep) struct paper *paper = NULL;
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(paper_new(font, &english, &paper, NULL), 0);
    assert_int_equal(paper_table(paper, &row, 1, NULL), 0);
    assert_int_equal(paper_line(paper, "\xf0\x9f\x90\x99", NULL), 0); /* an octopus */
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    have_qpdf_check(buf_bytes(&pdf));
    extract_text(buf_bytes(&pdf), &text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!has(&text, parts[i]))
            fail_msg("%s is not in %.*s", parts[i], (int)text.len, (const char *)text.ptr);
    assert_false(has(&text, "試験用") || has(&text, "発行") || has(&text, "番号"));
}

static void days_are_written_in_both_languages(void **state)
{
    static const struct {
        struct caldate day;
        const char *japanese, *english, *japanese_month, *english_month;
    } rows[] = {
        {{2026, 1, 1}, "2026年1月1日", "1 January 2026", "2026年1月", "January 2026"},
        {{1990, 12, 31}, "1990年12月31日", "31 December 1990", "1990年12月", "December 1990"}};
    char text[PAPER_DAY_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        paper_day(rows[i].day, PAPER_JAPANESE, text);
        assert_string_equal(text, rows[i].japanese);
        paper_day(rows[i].day, PAPER_ENGLISH, text);
        assert_string_equal(text, rows[i].english);
        paper_month(rows[i].day, PAPER_JAPANESE, text);
        assert_string_equal(text, rows[i].japanese_month);
        paper_month(rows[i].day, PAPER_ENGLISH, text);
        assert_string_equal(text, rows[i].english_month);
    }
}

static void its_text_can_be_extracted(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    static const char *const parts[] = {"住民票の写し",
                                        "記載されている方",
                                        "氏名",
                                        "番号 花子",
                                        "住所",
                                        "東京都例示区見本町１丁目２番３号",
                                        "以上のとおりです。",
                                        "番号 T-20261126-1",
                                        "発行 2026年11月26日 22:34",
                                        "TEST 試験用・非公式",
                                        "1 / 1"};

    (void)state;
    tell_some(paper);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    extract_text(buf_bytes(&pdf), &text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!has(&text, parts[i]))
            fail_msg("%s is not in %.*s", parts[i], (int)text.len, (const char *)text.ptr);
}

/* All fonts are "emb" and "sub", and of the font of four megabytes little is there. */
static void the_font_is_embedded_as_far_as_it_is_used(void **state)
{
    static const char *const argv[] = {"pdffonts", "-", NULL};
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf said = BUF_INIT;

    (void)state;
    tell_some(paper);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    assert_true(pdf.len < 60000);
    judge(argv, buf_bytes(&pdf), &said);
    assert_true(extract_count(&said, "VL-Gothic") > 0);
    assert_int_equal(extract_count(&said, "yes yes yes"), extract_count(&said, "VL-Gothic"));
}

static void each_page_is_marked_and_numbered(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(paper_line(paper, "一行", NULL), 0);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    extract_text(buf_bytes(&pdf), &text);
    assert_int_equal(extract_count(&text, "\f"), 3);
    assert_int_equal(extract_count(&text, "TEST 試験用"), 3);
    assert_int_equal(extract_count(&text, "番号 T-20261126-1"), 3);
    assert_int_equal(extract_count(&text, "一行"), 100);
    assert_true(has(&text, "1 / 3") && has(&text, "2 / 3") && has(&text, "3 / 3"));
}

static void the_same_calls_make_the_same_octets(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(paper_freep) struct paper *again = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;

    (void)state;
    tell_some(paper);
    tell_some(again);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    assert_int_equal(paper_finish(again, &other, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&pdf), buf_bytes(&other)));
}

static void what_the_font_lacks_is_shown_and_said(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(paper_line(paper, "山\xf0\x93\x80\x80田", NULL), 0); /* a hieroglyph */
    assert_int_equal(paper_replaced(paper), 1);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    extract_text(buf_bytes(&pdf), &text);
    assert_true(has(&text, "山〓田"));
    assert_true(has(&text, "字体にない文字"));
}

/* A character before, so that the position is seen to be the character's and not the octet's. */
static void what_cannot_be_shown_is_refused_with_its_position(void **state)
{
    static const char *const texts[] = {"字\x1b[2J", "字\t", "字\xe2\x80\xae", "字\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(paper_freep) struct paper *paper = begin();
        struct err err = {.kind = ERR_NONE};

        assert_int_equal(paper_line(paper, texts[i], &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, "character 2"));
    }
}

static void a_newline_ends_a_line(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    static const struct paper_row row = {"備考", "一つ\n\n三つ"};

    (void)state;
    assert_int_equal(paper_table(paper, &row, 1, NULL), 0);
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    extract_text(buf_bytes(&pdf), &text);
    assert_true(has(&text, "一つ\n"));
    assert_true(has(&text, "三つ\n"));
}

static void heads_have_limits(void **state)
{
    char title[3 * (PAPER_TITLE_MAX + 1) + 1] = "";
    char number[PAPER_NUMBER_MAX + 2] = "";
    struct paper_head bad = {title, "1", 0};
    struct paper *paper = NULL;

    (void)state;
    assert_int_equal(paper_new(font, &bad, &paper, NULL), -ERR_INPUT); /* no title */
    for (int i = 0; i < PAPER_TITLE_MAX; i++)
        strcat(title, "題");
    assert_int_equal(paper_new(font, &bad, &paper, NULL), 0);
    paper_freep(&paper);
    strcat(title, "題");
    assert_int_equal(paper_new(font, &bad, &paper, NULL), -ERR_INPUT);
    bad = (struct paper_head){"題", number, 0};
    memset(number, '1', PAPER_NUMBER_MAX);
    assert_int_equal(paper_new(font, &bad, &paper, NULL), 0);
    paper_freep(&paper);
    number[PAPER_NUMBER_MAX] = '1';
    assert_int_equal(paper_new(font, &bad, &paper, NULL), -ERR_INPUT);
    bad.number = "1\n2";
    assert_int_equal(paper_new(font, &bad, &paper, NULL), -ERR_INPUT);
    assert_null(paper);
}

static void texts_and_documents_have_so_many_characters(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(free_text) char *text = calloc(1, PAPER_TEXT_MAX + 2);
    size_t told = 6; /* of the title */

    (void)state;
    assert_non_null(text);
    memset(text, 'a', PAPER_TEXT_MAX + 1);
    assert_int_equal(paper_line(paper, text, NULL), -ERR_INPUT);
    text[PAPER_TEXT_MAX] = 0;
    for (; told + PAPER_TEXT_MAX <= PAPER_CHARACTERS_MAX; told += PAPER_TEXT_MAX)
        assert_int_equal(paper_line(paper, text, NULL), 0);
    text[PAPER_CHARACTERS_MAX - told] = 0;
    assert_int_equal(paper_line(paper, text, NULL), 0);
    assert_int_equal(paper_line(paper, "a", NULL), -ERR_INPUT);
}

static void documents_have_so_many_pages(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct err err = {.kind = ERR_NONE};
    char last[32];

    (void)state;
    while (paper_line(paper, "", &err) == 0)
        continue;
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.text, "pages"));
    assert_int_equal(paper_finish(paper, &pdf, NULL), 0);
    extract_text(buf_bytes(&pdf), &text);
    (void)snprintf(last, sizeof last, "%d / %d", PAPER_PAGES_MAX, PAPER_PAGES_MAX);
    assert_true(has(&text, last));
}

/* As shapes: whoever searches the text finds the name where it is said, not in a seal. */
static void a_seal_is_a_shape_and_has_so_many_characters(void **state)
{
    CLEANUP(paper_freep) struct paper *paper = begin();
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    const char *const argv[] = {"qpdf", "--check", tempdir_file(&dir, "seal.pdf", path), NULL};
    char letters[PAPER_SEAL_MAX + 2] = "";
    CLEANUP(buf_done) struct buf with = BUF_INIT, text = BUF_INIT, said = BUF_INIT;

    (void)state;
    assert_int_equal(paper_seal(paper, "", NULL), -ERR_INPUT);
    assert_int_equal(paper_seal(paper, "一\n二", NULL), -ERR_INPUT);
    memset(letters, 'n', PAPER_SEAL_MAX + 1);
    assert_int_equal(paper_seal(paper, letters, NULL), -ERR_INPUT);
    assert_int_equal(paper_seal(paper, "壱弐参肆伍陸漆捌", NULL), 0);
    assert_int_equal(paper_seal(paper, "番", NULL), 0);
    assert_int_equal(paper_line(paper, "印影", NULL), 0);
    assert_int_equal(paper_finish(paper, &with, NULL), 0);
    extract_text(buf_bytes(&with), &text);
    assert_int_equal(extract_count(&text, "印影"), 1);
    assert_int_equal(extract_count(&text, "肆") + extract_count(&text, "番\n"), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&with), NULL), 0);
    judge(argv, (struct bytes){NULL, 0}, &said);
    assert_true(has(&said, "No syntax or stream encoding errors found"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_a_pdf_for_qpdf),
        cmocka_unit_test(a_document_in_english_says_nothing_in_japanese),
        cmocka_unit_test(days_are_written_in_both_languages),
        cmocka_unit_test(its_text_can_be_extracted),
        cmocka_unit_test(the_font_is_embedded_as_far_as_it_is_used),
        cmocka_unit_test(each_page_is_marked_and_numbered),
        cmocka_unit_test(the_same_calls_make_the_same_octets),
        cmocka_unit_test(what_the_font_lacks_is_shown_and_said),
        cmocka_unit_test(what_cannot_be_shown_is_refused_with_its_position),
        cmocka_unit_test(a_newline_ends_a_line),
        cmocka_unit_test(a_seal_is_a_shape_and_has_so_many_characters),
        cmocka_unit_test(heads_have_limits),
        cmocka_unit_test(texts_and_documents_have_so_many_characters),
        cmocka_unit_test(documents_have_so_many_pages),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
