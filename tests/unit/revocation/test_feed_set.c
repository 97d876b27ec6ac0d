/* SPDX-License-Identifier: Apache-2.0 */
/* The set against a plain bitmap, over the range in which pages become bitmaps themselves. */
#include "revocation/feed_set.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RANGE = 3 * SERIAL_PAGE_SIZE, STEPS = 60000 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void nothing_is_added_or_removed_twice(void **state)
{
    CLEANUP(serial_set_freep) struct serial_set *set = NULL;

    (void)state;
    assert_int_equal(serial_set_new(&set, NULL), 0);
    assert_int_equal(serial_set_remove(set, 7, NULL), -ERR_ABSENT);
    assert_int_equal(serial_set_add(set, 7, NULL), 0);
    assert_int_equal(serial_set_add(set, 7, NULL), -ERR_CONFLICT);
    assert_int_equal(serial_set_remove(set, 8, NULL), -ERR_ABSENT);
    assert_int_equal(serial_set_remove(set, 7, NULL), 0);
    assert_int_equal(serial_set_remove(set, 7, NULL), -ERR_ABSENT);
    assert_int_equal(serial_set_count(set), 0);
    assert_int_equal(serial_set_pages(set), 0);
}

static void the_last_number_has_its_place(void **state)
{
    CLEANUP(serial_set_freep) struct serial_set *set = NULL;
    struct digest digest;

    (void)state;
    assert_int_equal(serial_set_new(&set, NULL), 0);
    assert_int_equal(serial_set_digest(set, 0, &digest, NULL), -ERR_ABSENT);
    assert_int_equal(serial_set_add(set, UINT32_MAX, NULL), 0);
    assert_true(serial_set_has(set, UINT32_MAX));
    assert_false(serial_set_has(set, UINT32_MAX - 1));
    assert_int_equal(serial_set_pages(set), SERIAL_PAGES);
    assert_int_equal(serial_set_digest(set, SERIAL_PAGES - 2, &digest, NULL), -ERR_ABSENT);
}

static void assert_same(const struct serial_set *set, const uint8_t *bitmap)
{
    uint32_t *list = calloc(SERIAL_PAGE_SIZE, sizeof *list);
    size_t total = 0;

    assert_non_null(list);
    for (uint32_t page = 0; page < RANGE / SERIAL_PAGE_SIZE; page++) {
        size_t count = serial_set_list(set, page, list);
        size_t at = 0;

        for (uint32_t low = 0; low < SERIAL_PAGE_SIZE; low++) {
            uint32_t serial = page * SERIAL_PAGE_SIZE + low;

            assert_int_equal(serial_set_has(set, serial), bitmap[serial]);
            if (bitmap[serial])
                assert_int_equal(list[at++], serial);
        }
        assert_int_equal(at, count);
        total += count;
    }
    assert_int_equal(total, serial_set_count(set));
    free(list);
}

static void it_answers_as_a_plain_bitmap_does(void **state)
{
    static uint8_t bitmap[RANGE];
    CLEANUP(serial_set_freep) struct serial_set *set = NULL;
    uint32_t seed = 2026;

    (void)state;
    assert_int_equal(serial_set_new(&set, NULL), 0);
    for (unsigned step = 0; step < STEPS; step++) {
        /* Most in the first page, which becomes a bitmap, few in the last, which does not. */
        uint32_t serial = next_random(&seed) % (step % 16 == 0 ? RANGE : SERIAL_PAGE_SIZE / 8);
        bool add = next_random(&seed) % 4 != 0;
        int expected = bitmap[serial] == add ? (add ? -ERR_CONFLICT : -ERR_ABSENT) : 0;

        assert_int_equal(add ? serial_set_add(set, serial, NULL)
                             : serial_set_remove(set, serial, NULL),
                         expected);
        bitmap[serial] = add;
    }
    assert_same(set, bitmap);
    serial_set_drop_below(set, 1);
    memset(bitmap, 0, SERIAL_PAGE_SIZE);
    assert_same(set, bitmap);
}

/* A list and a bitmap with the same members have the same digest; others have another. */
static void the_digest_is_of_the_members_alone(void **state)
{
    CLEANUP(serial_set_freep) struct serial_set *grown = NULL;
    CLEANUP(serial_set_freep) struct serial_set *small = NULL;
    struct digest first;
    struct digest second;

    (void)state;
    assert_int_equal(serial_set_new(&grown, NULL), 0);
    assert_int_equal(serial_set_new(&small, NULL), 0);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(serial_set_add(grown, SERIAL_PAGE_SIZE + i, NULL), 0);
    assert_int_equal(serial_set_digest(grown, 1, &first, NULL), 0);
    for (uint32_t i = 10; i < 5000; i++)
        assert_int_equal(serial_set_remove(grown, SERIAL_PAGE_SIZE + i, NULL), 0);
    for (uint32_t i = 10; i-- > 0;)
        assert_int_equal(serial_set_add(small, SERIAL_PAGE_SIZE + i, NULL), 0);
    assert_int_equal(serial_set_digest(grown, 1, &second, NULL), 0);
    assert_memory_not_equal(first.value, second.value, 32);
    assert_int_equal(serial_set_digest(small, 1, &first, NULL), 0);
    assert_memory_equal(first.value, second.value, 32);
    assert_int_equal(serial_set_add(small, SERIAL_PAGE_SIZE + 77, NULL), 0);
    assert_int_equal(serial_set_digest(small, 1, &first, NULL), 0);
    assert_memory_not_equal(first.value, second.value, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_added_or_removed_twice),
        cmocka_unit_test(the_last_number_has_its_place),
        cmocka_unit_test(it_answers_as_a_plain_bitmap_does),
        cmocka_unit_test(the_digest_is_of_the_members_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
