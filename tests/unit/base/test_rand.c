/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rand.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LABEL = 24, LABELS = 500, THREADS = 4 };

typedef uint8_t label[LABEL];

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, LABEL);
}

static void assert_all_differ(label *labels, size_t count)
{
    qsort(labels, count, LABEL, compare);
    for (size_t i = 1; i < count; i++)
        assert_memory_not_equal(labels[i - 1], labels[i], LABEL);
}

static void *draw(void *to)
{
    label *labels = to;

    for (size_t i = 0; i < LABELS; i++)
        if (rand_label(labels[i], LABEL, NULL) < 0)
            return NULL;
    return to;
}

static void labels_differ_in_all_threads(void **state)
{
    static label labels[THREADS][LABELS];
    pthread_t threads[THREADS];
    void *drawn;

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, draw, labels[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &drawn), 0);
        assert_non_null(drawn);
    }
    assert_all_differ(labels[0], (size_t)THREADS * LABELS);
}

/* Both have the same memory, but not the same labels. */
static void a_child_has_others_than_its_parent(void **state)
{
    label labels[2];
    int ends[2];
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(rand_label(labels[0], LABEL, NULL), 0);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        bool is_drawn = rand_label(labels[0], LABEL, NULL) == 0;

        _exit(is_drawn && write(ends[1], labels[0], LABEL) == LABEL ? 0 : 1);
    }
    assert_int_equal(rand_label(labels[0], LABEL, NULL), 0);
    assert_int_equal(read(ends[0], labels[1], LABEL), LABEL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_memory_not_equal(labels[0], labels[1], LABEL);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_label_has_its_limit(void **state)
{
    uint8_t longest[RAND_LABEL_MAX + 1];

    (void)state;
    assert_int_equal(rand_label(longest, RAND_LABEL_MAX, NULL), 0);
    assert_int_equal(rand_label(longest, RAND_LABEL_MAX + 1, NULL), -ERR_USAGE);
    assert_int_equal(rand_label(longest, 0, NULL), 0);
}

/* 20000 draws miss one of 256 values once in 10^30 runs. */
static void each_octet_of_a_label_takes_all_values(void **state)
{
    static bool seen[LABEL][256];
    label one;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        assert_int_equal(rand_label(one, LABEL, NULL), 0);
        for (size_t at = 0; at < LABEL; at++)
            seen[at][one[at]] = true;
    }
    for (size_t at = 0; at < LABEL; at++)
        for (size_t value = 0; value < 256; value++)
            assert_true(seen[at][value]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_differ_in_all_threads),
        cmocka_unit_test(a_child_has_others_than_its_parent),
        cmocka_unit_test(a_label_has_its_limit),
        cmocka_unit_test(each_octet_of_a_label_takes_all_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
