/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chore.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { SHORT_MS = 1, FOR_EVER_MS = -1 };

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);

static bool is_refused;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    return is_refused ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

struct work {
    struct chore chore;
    int pause_ms;
    atomic_uint rounds;
};

static void *run(void *argument)
{
    struct work *work = argument;

    do
        atomic_fetch_add(&work->rounds, 1);
    while (chore_rest(&work->chore, work->pause_ms));
    return NULL;
}

static void wait_for_rounds(struct work *work, unsigned rounds)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    while (atomic_load(&work->rounds) < rounds)
        (void)nanosleep(&moment, NULL);
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;

    for (int fd = 0; fd < 100; fd++) {
        int copy = dup(fd);

        count += copy >= 0;
        if (copy >= 0)
            (void)close(copy);
    }
    return count;
}

static void nothing_is_stopped_that_was_not_started(void **state)
{
    struct chore chore = {.is_there = false};

    (void)state;
    chore_tell(&chore);
    chore_stop(&chore);
}

static void without_a_thread_there_is_no_chore_and_no_descriptor(void **state)
{
    struct work work = {.pause_ms = FOR_EVER_MS};
    unsigned before = open_descriptors();
    struct err err = {0};

    (void)state;
    is_refused = true;
    assert_int_equal(chore_start(&work.chore, run, &work, &err), -ERR_SYSTEM);
    is_refused = false;
    assert_non_null(strstr(err.text, "cannot start a thread"));
    assert_false(work.chore.is_there);
    assert_int_equal(open_descriptors(), before);
    chore_stop(&work.chore);
    assert_int_equal(work.rounds, 0);
}

static void without_a_descriptor_there_is_no_thread(void **state)
{
    struct work work = {.pause_ms = FOR_EVER_MS};
    struct rlimit before;
    struct err err = {0};
    int rc;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
    rc = chore_start(&work.chore, run, &work, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rc, -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "cannot make an event descriptor"));
    assert_false(work.chore.is_there);
    assert_int_equal(work.rounds, 0);
}

static void it_goes_on_until_it_is_stopped(void **state)
{
    struct work work = {.pause_ms = SHORT_MS};
    unsigned before = open_descriptors();
    unsigned rounds;

    (void)state;
    assert_int_equal(chore_start(&work.chore, run, &work, NULL), 0);
    wait_for_rounds(&work, 3);
    chore_stop(&work.chore);
    rounds = work.rounds;
    (void)usleep(10000);
    assert_int_equal(work.rounds, rounds);
    assert_int_equal(open_descriptors(), before);
}

static void a_pause_ends_when_it_is_told_to_stop(void **state)
{
    struct work works[2] = {{.pause_ms = FOR_EVER_MS}, {.pause_ms = FOR_EVER_MS}};

    (void)state;
    for (size_t round = 0; round < 2; round++) { /* the same one may begin again */
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(chore_start(&works[i].chore, run, &works[i], NULL), 0);
        wait_for_rounds(&works[0], 1);
        chore_tell(&works[0].chore);
        chore_tell(&works[0].chore);
        for (size_t i = 0; i < 2; i++)
            chore_stop(&works[i].chore);
        chore_stop(&works[0].chore);
    }
    assert_int_equal(works[0].rounds, 2);
    assert_int_equal(works[1].rounds, 2);
}

static void no_pause_tells_whether_to_stop(void **state)
{
    struct work work = {.pause_ms = FOR_EVER_MS};

    (void)state;
    assert_int_equal(chore_start(&work.chore, run, &work, NULL), 0);
    assert_true(chore_rest(&work.chore, 0));
    chore_tell(&work.chore);
    assert_false(chore_rest(&work.chore, 0));
    assert_false(chore_rest(&work.chore, FOR_EVER_MS));
    chore_stop(&work.chore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_stopped_that_was_not_started),
        cmocka_unit_test(without_a_thread_there_is_no_chore_and_no_descriptor),
        cmocka_unit_test(without_a_descriptor_there_is_no_thread),
        cmocka_unit_test(it_goes_on_until_it_is_stopped),
        cmocka_unit_test(a_pause_ends_when_it_is_told_to_stop),
        cmocka_unit_test(no_pause_tells_whether_to_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
