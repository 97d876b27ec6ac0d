/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void text_with_a_nul_is_refused(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const char *text = "untouched";

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(arena_text(arena, BYTES_LITERAL("a\0b"), &text, NULL), -ERR_INPUT);
    assert_string_equal(text, "untouched");
}

static void what_cannot_exist_is_out_of_memory(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    void *memory = NULL;
    struct bytes copy = {NULL, 0};

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(arena_alloc(arena, SIZE_MAX, &memory, NULL), -ERR_NOMEM);
    assert_int_equal(arena_alloc(arena, (size_t)ARENA_ALLOC_MAX + 1, &memory, NULL), -ERR_NOMEM);
    assert_int_equal(arena_copy(arena, bytes_of(NULL, SIZE_MAX), &copy, NULL), -ERR_NOMEM);
    assert_null(memory);
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    uint8_t *all[200];

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    for (size_t i = 0; i < 200; i++) {
        void *memory;

        assert_int_equal(arena_alloc(arena, i * 7, &memory, NULL), 0);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        all[i] = memory;
        for (size_t at = 0; at < i * 7; at++)
            assert_int_equal(all[i][at], 0);
        memset(all[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t at = 0; at < i * 7; at++)
            assert_int_equal(all[i][at], i);
    }
}

static void copies_end_with_a_nul(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct bytes copy;
    const char *text;

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(arena_copy(arena, BYTES_LITERAL("a\0b"), &copy, NULL), 0);
    assert_true(bytes_equal(copy, BYTES_LITERAL("a\0b")));
    assert_int_equal(copy.ptr[3], 0);
    assert_int_equal(arena_text(arena, bytes_of(NULL, 0), &text, NULL), 0);
    assert_string_equal(text, "");
    assert_int_equal(arena_format(arena, &text, NULL, "%s/%05d", "x", 42), 0);
    assert_string_equal(text, "x/00042");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_with_a_nul_is_refused),
        cmocka_unit_test(what_cannot_exist_is_out_of_memory),
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(copies_end_with_a_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
