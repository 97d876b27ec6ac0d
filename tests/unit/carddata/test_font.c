/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "carddata/font.h"
#include "carddata/font_render.h"
#include "carddata/limits.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_missing_font_names_its_package(void **state)
{
    struct err err = {.kind = ERR_NONE};
    struct font *font = NULL;

    (void)state;
    assert_int_equal(font_open("/nonexistent/font.ttf", &font, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "fonts-vlgothic"));
    assert_non_null(strstr(err.text, "/nonexistent/font.ttf"));
    assert_null(font);
}

static void what_is_no_font_is_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    struct font *font = NULL;

    (void)state;
    (void)tempdir_file(&dir, "font", path);
    assert_int_equal(file_replace(path, 0600, bytes_text("no font"), NULL), 0);
    assert_int_equal(font_open(path, &font, NULL), -ERR_INPUT);
    assert_int_equal(file_replace(path, 0600, bytes_text(""), NULL), 0);
    assert_int_equal(font_open(path, &font, NULL), -ERR_INPUT);
    assert_null(font);
}

/* One byte past the limit is refused for its size; at the limit it is read, and is no font. */
static void a_font_may_be_so_large(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    struct err err = {.kind = ERR_NONE};
    struct font *font = NULL;
    int fd;

    (void)state;
    (void)tempdir_file(&dir, "font", path);
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, CARDDATA_FONT_MAX), 0);
    assert_int_equal(font_open(path, &font, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "no font"));
    assert_int_equal(ftruncate(fd, CARDDATA_FONT_MAX + 1L), 0);
    assert_int_equal(font_open(path, &font, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "no font"));
    assert_int_equal(close(fd), 0);
}

static void lines_break_where_they_are_full(void **state)
{
    CLEANUP(font_freep) struct font *font = NULL;
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

    (void)state;
    assert_int_equal(font_open(NULL, &font, NULL), 0);
    assert_int_equal(font_render(font, bytes_text("見本見本"), 24, 96, &raster, NULL), 0);
    assert_int_equal(raster.width, 96);
    assert_int_equal(raster.height, 24);
    raster_done(&raster);
    assert_int_equal(font_render(font, bytes_text("見本見本a"), 24, 96, &raster, NULL), 0);
    assert_int_equal(raster.width, 96);
    assert_int_equal(raster.height, 48);
}

static void texts_that_are_none_are_not_drawn(void **state)
{
    CLEANUP(font_freep) struct font *font = NULL;
    struct raster raster = {0, 0, NULL};

    (void)state;
    assert_int_equal(font_open(NULL, &font, NULL), 0);
    assert_int_equal(font_render(font, bytes_text(""), 24, 96, &raster, NULL), -ERR_INPUT);
    assert_int_equal(font_render(font, bytes_text("見\xff"), 24, 96, &raster, NULL), -ERR_INPUT);
    assert_null(raster.pixels);
}

static bool are_equal(const struct raster *a, const struct raster *b)
{
    return a->width == b->width && a->height == b->height &&
           bytes_equal(bytes_of(a->pixels, (size_t)a->width * a->height),
                       bytes_of(b->pixels, (size_t)b->width * b->height));
}

static void a_missing_character_becomes_a_geta_mark(void **state)
{
    CLEANUP(font_freep) struct font *font = NULL;
    CLEANUP(raster_done) struct raster missing = {0, 0, NULL};
    CLEANUP(raster_done) struct raster geta = {0, 0, NULL};
    CLEANUP(raster_done) struct raster other = {0, 0, NULL};

    (void)state;
    assert_int_equal(font_open(NULL, &font, NULL), 0);
    assert_int_equal(font_render(font, bytes_text("\xf3\xb0\x80\x80"), 24, 96, &missing, NULL), 0);
    assert_int_equal(font_render(font, bytes_text("〓"), 24, 96, &geta, NULL), 0);
    assert_int_equal(font_render(font, bytes_text("鰙"), 24, 96, &other, NULL), 0);
    assert_true(are_equal(&missing, &geta));
    assert_false(are_equal(&other, &geta));
}

static struct font *shared;

static void *draw_often(void *text)
{
    for (int i = 0; i < 50; i++) {
        struct raster raster = {0, 0, NULL};

        if (font_render(shared, bytes_text(text), 12 + 12 * (unsigned)(i % 2), 480, &raster, NULL) <
            0)
            return text;
        raster_done(&raster);
    }
    return NULL;
}

static void threads_take_turns(void **state)
{
    static char texts[2][16] = {"番号", "1234"};
    pthread_t threads[2];

    (void)state;
    assert_int_equal(font_open(NULL, &shared, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, draw_often, texts[i]), 0);
    for (int i = 0; i < 2; i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    font_freep(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_font_names_its_package),
        cmocka_unit_test(what_is_no_font_is_refused),
        cmocka_unit_test(a_font_may_be_so_large),
        cmocka_unit_test(lines_break_where_they_are_full),
        cmocka_unit_test(texts_that_are_none_are_not_drawn),
        cmocka_unit_test(a_missing_character_becomes_a_geta_mark),
        cmocka_unit_test(threads_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
