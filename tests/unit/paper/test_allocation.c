/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory at every allocation: no document or a whole one, nothing leaked. */
#include "paper/paper.h"
#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int open_font(void *context)
{
    CLEANUP(paper_font_freep) struct paper_font *font = NULL;
    int rc = paper_font_open(NULL, &font, NULL);

    (void)context;
    assert_int_equal(font != NULL, rc == 0);
    return rc;
}

static void a_font_is_opened_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(open_font, NULL) > 2);
}

static int tell(struct paper_font *font, struct buf *ret)
{
    static const struct paper_head head = {"書類", "T-1", 0};
    static const struct paper_row row = {"氏名", "番号　花子"};
    CLEANUP(paper_freep) struct paper *paper = NULL;

    TRY(paper_new(font, &head, &paper, NULL));
    TRY(paper_heading(paper, "見出し", NULL));
    TRY(paper_table(paper, &row, 1, NULL));
    return paper_finish(paper, ret, NULL);
}

static int write_document(void *context)
{
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    int rc = tell(context, &pdf);

    assert_int_equal(pdf.ptr != NULL, rc == 0);
    return rc;
}

static void a_document_is_written_wholly_or_not(void **state)
{
    CLEANUP(paper_font_freep) struct paper_font *font = NULL;

    (void)state;
    assert_int_equal(paper_font_open(NULL, &font, NULL), 0);
    assert_true(every_failed_allocation(write_document, font) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_font_is_opened_or_not),
        cmocka_unit_test(a_document_is_written_wholly_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
