/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "paper/glyph.h"
#include "paper/limits.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_missing_font_names_its_package(void **state)
{
    struct err err = {.kind = ERR_NONE};
    struct paper_font *font = NULL;

    (void)state;
    assert_int_equal(paper_font_open("/nonexistent/font.ttf", &font, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "fonts-vlgothic"));
    assert_non_null(strstr(err.text, "/nonexistent/font.ttf"));
    assert_null(font);
}

/* One byte past the limit is refused for its size; at the limit it is read, and is no font. */
static void what_is_no_font_is_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(fd_done) int fd = -1;
    char path[TEMPDIR_FILE_SIZE];
    struct err err = {.kind = ERR_NONE};
    struct paper_font *font = NULL;

    (void)state;
    fd = open(tempdir_file(&dir, "font", path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(paper_font_open(path, &font, NULL), -ERR_INPUT);
    assert_int_equal(ftruncate(fd, PAPER_FONT_MAX), 0);
    assert_int_equal(paper_font_open(path, &font, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "no font"));
    assert_int_equal(ftruncate(fd, PAPER_FONT_MAX + 1), 0);
    assert_int_equal(paper_font_open(path, &font, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "no font"));
    assert_null(font);
}

static void glyphs_have_the_widths_of_the_font(void **state)
{
    CLEANUP(paper_font_freep) struct paper_font *font = NULL;
    struct glyph glyph;

    (void)state;
    assert_int_equal(paper_font_open(NULL, &font, NULL), 0);
    assert_int_equal(paper_font_glyph(font, 0x6f22, &glyph, NULL), 0);
    assert_int_equal(glyph.character, 0x6f22);
    assert_true(glyph.width > 0.99 && glyph.width < 1.01);
    assert_int_equal(paper_font_glyph(font, 'A', &glyph, NULL), 0);
    assert_true(glyph.width > 0.45 && glyph.width < 0.55);
}

static void what_the_font_lacks_is_the_geta_mark(void **state)
{
    CLEANUP(paper_font_freep) struct paper_font *font = NULL;
    struct glyph mark, glyph;

    (void)state;
    assert_int_equal(paper_font_open(NULL, &font, NULL), 0);
    assert_int_equal(paper_font_glyph(font, GETA_MARK, &mark, NULL), 0);
    assert_int_equal(paper_font_glyph(font, 0x13000, &glyph, NULL), 0); /* a hieroglyph */
    assert_int_equal(glyph.character, GETA_MARK);
    assert_int_equal(glyph.index, mark.index);
    assert_int_not_equal(glyph.index, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_font_names_its_package),
        cmocka_unit_test(what_is_no_font_is_refused),
        cmocka_unit_test(glyphs_have_the_widths_of_the_font),
        cmocka_unit_test(what_the_font_lacks_is_the_geta_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
