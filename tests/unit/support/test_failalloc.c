/* SPDX-License-Identifier: Apache-2.0 */
#include "support/failalloc.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void only_the_named_allocation_fails(void **state)
{
    /* volatile: a compiler may leave out an allocation that nobody looks at. */
    char *volatile first, *volatile second, *volatile third;

    (void)state;
    fail_allocation(2);
    first = malloc(1);
    second = strdup("x");
    third = calloc(1, 1);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    assert_true(allocation_has_failed());
    fail_allocation(0);
    assert_false(allocation_has_failed());
    free(first);
    free(third);
}

static int grow_and_format(void *context)
{
    CLEANUP(buf_done) struct buf buf = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;
    int *runs = context;

    *runs += 1;
    TRY(buf_append_text(&buf, "some text", NULL));
    TRY(path_format(&path, NULL, "%s/%d", "a", 1));
    return buf_reserve(&buf, 100000, NULL);
}

static void a_loop_meets_every_allocation_and_then_succeeds(void **state)
{
    int runs = 0;
    unsigned failures;

    (void)state;
    failures = every_failed_allocation(grow_and_format, &runs);
    assert_in_range(failures, 3, 8);
    assert_int_equal(runs, failures + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_named_allocation_fails),
        cmocka_unit_test(a_loop_meets_every_allocation_and_then_succeeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
