/* SPDX-License-Identifier: Apache-2.0 */
/* How often pages may have a person asked. */
#include "programs/jpki/agent/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1000000 };

static bool take_some(struct rate *rate, const char *origin, size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (!rate_take(rate, origin, now_ms))
            return false;
    }
    return true;
}

static void one_question_more_than_the_limit_is_refused(void **state)
{
    static struct rate rate;

    (void)state;
    memset(&rate, 0, sizeof rate);
    assert_true(take_some(&rate, "https://a.example", RATE_QUESTIONS, NOW));
    assert_false(rate_take(&rate, "https://a.example", NOW));
    assert_false(rate_take(&rate, "https://a.example", NOW + RATE_MS - 1));
    assert_true(rate_take(&rate, "https://b.example", NOW)); /* whatever others do */
    assert_true(take_some(&rate, "https://a.example", RATE_QUESTIONS, NOW + RATE_MS));
    assert_false(rate_take(&rate, "https://a.example", NOW + RATE_MS));
}

static void as_many_origins_as_the_limit_are_remembered_and_one_more_waits(void **state)
{
    static struct rate rate;
    char origin[ORIGIN_MAX + 1];

    (void)state;
    memset(&rate, 0, sizeof rate);
    for (int i = 0; i < RATE_ORIGINS; i++) {
        (void)snprintf(origin, sizeof origin, "https://a%d.example", i);
        assert_true(rate_take(&rate, origin, NOW + i));
    }
    assert_false(rate_take(&rate, "https://more.example", NOW + RATE_ORIGINS));
    /* Nobody is forgotten to make room. */
    assert_true(take_some(&rate, "https://a0.example", RATE_QUESTIONS - 1, NOW + RATE_ORIGINS));
    assert_false(rate_take(&rate, "https://a0.example", NOW + RATE_ORIGINS));
    assert_true(rate_take(&rate, "https://more.example", NOW + RATE_MS));
}

static void an_origin_may_be_as_long_as_there_are(void **state)
{
    static struct rate rate;
    char origin[ORIGIN_MAX + 1], other[ORIGIN_MAX + 1];

    (void)state;
    memset(&rate, 0, sizeof rate);
    memset(origin, 'a', ORIGIN_MAX);
    origin[ORIGIN_MAX] = '\0';
    memcpy(other, origin, sizeof other);
    other[ORIGIN_MAX - 1] = 'b';
    assert_true(take_some(&rate, origin, RATE_QUESTIONS, NOW));
    assert_false(rate_take(&rate, origin, NOW));
    assert_true(rate_take(&rate, other, NOW));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_question_more_than_the_limit_is_refused),
        cmocka_unit_test(as_many_origins_as_the_limit_are_remembered_and_one_more_waits),
        cmocka_unit_test(an_origin_may_be_as_long_as_there_are),
    };

    return cmocka_run_group_tests_name("programs/agent_rate", tests, NULL, NULL);
}
