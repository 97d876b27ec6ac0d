/* SPDX-License-Identifier: Apache-2.0 */
/* How often a platform asks for feeds, held against how often an authority answers one verifier. */
#include "authority/feed/quota.h"
#include "authority/limits.h"
#include "platform/revocation/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE_MS = 60000, ROUND_MS = 10, STREAMS = 6, START_MS = 7 * MINUTE_MS + 123 };

static struct pace pace;

static int set_up(void **state)
{
    (void)state;
    pace = (struct pace){.spent_ms = 0};
    return pthread_mutex_init(&pace.lock, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    return pthread_mutex_destroy(&pace.lock);
}

static void after_a_rest_a_few_wait_for_nothing_and_the_next_does(void **state)
{
    (void)state;
    for (int i = 0; i < PACE_AT_ONCE; i++)
        assert_int_equal(pace_take(&pace, START_MS), 0);
    assert_int_equal(pace_take(&pace, START_MS), PACE_STEP_MS);
    assert_int_equal(pace_take(&pace, START_MS), 2 * PACE_STEP_MS);
    /* After a rest that is as long as they were many, the same again. */
    for (int i = 0; i < PACE_AT_ONCE; i++)
        assert_int_equal(pace_take(&pace, START_MS + (PACE_AT_ONCE + 2) * PACE_STEP_MS), 0);
    assert_int_not_equal(pace_take(&pace, START_MS + (PACE_AT_ONCE + 2) * PACE_STEP_MS), 0);
}

static void who_asks_no_faster_than_the_step_never_waits(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pace_take(&pace, START_MS + i * PACE_STEP_MS), 0);
}

/* Each stream has something new whenever it asks; the moments at which it asks next, in turn. */
static void the_authority_refuses_none_however_much_happens(void **state)
{
    struct feed_quota *quota;
    int64_t next_ms[STREAMS];
    unsigned asked = 0;
    int longest_ms = 0;

    (void)state;
    assert_int_equal(feed_quota_new(&quota, NULL), 0);
    for (int i = 0; i < STREAMS; i++)
        next_ms[i] = START_MS;
    for (int64_t now_ms = START_MS; now_ms < START_MS + 10 * MINUTE_MS; now_ms++) {
        for (int i = 0; i < STREAMS; i++) {
            int wait_ms;

            if (next_ms[i] > now_ms)
                continue;
            wait_ms = pace_take(&pace, now_ms);
            assert_int_equal(feed_quota_take(quota, "verifier", now_ms, NULL), 0);
            next_ms[i] = now_ms + ROUND_MS + wait_ms;
            longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
            asked++;
        }
    }
    /* And it is not by asking hardly ever that it is not refused. */
    assert_in_range(asked, 10 * MINUTE_MS / PACE_STEP_MS, 10 * FEED_ASKS_MAX);
    assert_in_range(longest_ms, PACE_STEP_MS, STREAMS * PACE_STEP_MS); /* of five seconds */
    feed_quota_freep(&quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(after_a_rest_a_few_wait_for_nothing_and_the_next_does,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_asks_no_faster_than_the_step_never_waits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_authority_refuses_none_however_much_happens, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
