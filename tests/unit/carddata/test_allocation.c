/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory at every allocation: nothing half done, nothing leaked. */
#include "carddata/image_photo.h"
#include "support/cardholder.h"
#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_cardholder made;

static int setup(void **state)
{
    (void)state;
    test_cardholder_make(&made);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cardholder_done(&made);
    return 0;
}

static int build(void *context)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    int rc = carddata_build(context, &files, NULL);

    assert_int_equal(files.count > 0, rc == 0);
    return rc;
}

static void files_are_made_wholly_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(build, &made.issue) > 50);
}

static int draw(void *context)
{
    CLEANUP(buf_done) struct buf photo = BUF_INIT;
    int rc = image_photo_draw(context, bytes_text("hanako"), &photo, NULL);

    assert_int_equal(photo.ptr != NULL, rc == 0);
    return rc;
}

static void a_face_is_drawn_wholly_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(draw, made.font) > 3);
}

static int open_font(void *context)
{
    CLEANUP(font_freep) struct font *font = NULL;
    int rc = font_open(NULL, &font, NULL);

    (void)context;
    assert_int_equal(font != NULL, rc == 0);
    return rc;
}

static void a_font_is_opened_wholly_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(open_font, NULL) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_made_wholly_or_not),
        cmocka_unit_test(a_face_is_drawn_wholly_or_not),
        cmocka_unit_test(a_font_is_opened_wholly_or_not),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
