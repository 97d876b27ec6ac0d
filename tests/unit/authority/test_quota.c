/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/feed/quota.h"

#include "authority/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MINUTE = 60000 };

static struct feed_quota *quota;

static int set_up(void **state)
{
    (void)state;
    return feed_quota_new(&quota, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    feed_quota_freep(&quota);
    return 0;
}

static void one_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    (void)state;
    for (int i = 0; i < FEED_ASKS_MAX; i++)
        assert_int_equal(feed_quota_take(quota, "a", 5 * MINUTE + i, NULL), 0);
    assert_int_equal(feed_quota_take(quota, "a", 6 * MINUTE - 1, NULL), -ERR_REMOTE);
    assert_int_equal(feed_quota_take(quota, "b", 6 * MINUTE - 1, NULL), 0); /* another one */
    assert_int_equal(feed_quota_take(quota, "a", 6 * MINUTE, NULL), 0);     /* the next minute */
}

static void whoever_has_stopped_asking_makes_room(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < VERIFIERS_MAX; i++) {
        (void)snprintf(name, sizeof name, "v%d", i);
        assert_int_equal(feed_quota_take(quota, name, MINUTE, NULL), 0);
    }
    assert_int_equal(feed_quota_take(quota, "late", MINUTE, NULL), -ERR_REMOTE);
    assert_int_equal(feed_quota_take(quota, "late", 2 * MINUTE, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_at_the_limit_is_taken_and_one_past_it_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whoever_has_stopped_asking_makes_room, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
