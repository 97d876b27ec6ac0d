/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point of a judgement is told, and never makes a card genuine. */
#include "support/card_data.h"
#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_card_data made;

static int make(void **state)
{
    (void)state;
    test_card_data_make(&made);
    return 0;
}

static int release(void **state)
{
    (void)state;
    test_card_data_done(&made);
    return 0;
}

/* *ret_failed says whether the nth allocation was reached. */
typedef int judge_fn(unsigned nth, bool *ret_failed);

static int judge_text(unsigned nth, bool *ret_failed)
{
    CLEANUP(text_data_done) struct text_data data;
    int rc;

    test_card_text(&made, made.card, &data);
    fail_allocation(nth);
    rc = text_judge(&data, TEXT_NUMBER | TEXT_ATTRIBUTES, made.roots, NULL);
    *ret_failed = allocation_has_failed();
    fail_allocation(0);
    assert_true(rc < 0 || authenticity_is_proven(&data.authenticity));
    return rc;
}

static int judge_face(unsigned nth, bool *ret_failed)
{
    CLEANUP(visual_data_done) struct visual_data data;
    int rc;

    test_card_visual(&made, VISUAL_FACE, made.card, &data);
    fail_allocation(nth);
    rc = visual_judge(&data, VISUAL_FACE, made.roots, NULL);
    *ret_failed = allocation_has_failed();
    fail_allocation(0);
    assert_true(rc < 0 || authenticity_is_proven(&data.authenticity));
    return rc;
}

static void assert_each_failure_is_told(judge_fn *judge, unsigned at_least)
{
    unsigned nth = 1;

    for (;; nth++) {
        bool has_failed;
        int rc = judge(nth, &has_failed);

        if (!has_failed) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
    }
    assert_true(nth > at_least);
}

static void no_judgement_is_made_without_memory(void **state)
{
    (void)state;
    assert_each_failure_is_told(judge_text, 8);
    assert_each_failure_is_told(judge_face, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_judgement_is_made_without_memory),
    };

    return cmocka_run_group_tests(tests, make, release);
}
