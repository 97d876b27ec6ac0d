/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/crew.h"

#include "signer/limits.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

enum { JOBS = 100, BATCHES = 200, PATIENCE_S = 60 };

struct job {
    unsigned times;
    pthread_t by;
};

static void note(void *argument)
{
    struct job *job = argument;

    job->times++;
    job->by = pthread_self();
}

static void run(struct crew *crew, size_t count)
{
    struct job jobs[JOBS] = {{0}};
    void *pointers[JOBS];

    for (size_t i = 0; i < JOBS; i++)
        pointers[i] = &jobs[i];
    crew_run(crew, note, pointers, count);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].times, i < count ? 1 : 0);
}

static void each_job_is_done_once_by_the_time_it_returns(void **state)
{
    static const unsigned sizes[] = {1, 2, 3, SIGNERD_THREADS_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CLEANUP(crew_freep) struct crew *crew = NULL;

        assert_int_equal(crew_new(sizes[i], &crew, NULL), 0);
        for (size_t batch = 0; batch < BATCHES; batch++)
            run(crew, batch % (JOBS + 1));
    }
}

static void a_single_job_is_the_callers(void **state)
{
    CLEANUP(crew_freep) struct crew *crew = NULL;
    struct job job = {0};
    void *pointer = &job;

    (void)state;
    assert_int_equal(crew_new(1, &crew, NULL), 0);
    crew_run(crew, note, &pointer, 1);
    assert_true(pthread_equal(job.by, pthread_self()));
}

/* A job that is not over before as many as there are threads have met. */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned expected, present;
    bool has_waited_in_vain;
};

static void meet(void *argument)
{
    struct meeting *meeting = argument;
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    (void)pthread_mutex_lock(&meeting->lock);
    meeting->present++;
    (void)pthread_cond_broadcast(&meeting->changed);
    while (meeting->present < meeting->expected && !meeting->has_waited_in_vain)
        meeting->has_waited_in_vain = pthread_cond_timedwait(&meeting->changed, &meeting->lock,
                                                             &until) != 0;
    (void)pthread_mutex_unlock(&meeting->lock);
}

static void as_many_jobs_as_threads_go_on_at_once(void **state)
{
    static struct meeting meeting = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .expected = 4};
    CLEANUP(crew_freep) struct crew *crew = NULL;
    void *const jobs[] = {&meeting, &meeting, &meeting, &meeting};

    (void)state;
    assert_int_equal(crew_new(4, &crew, NULL), 0);
    crew_run(crew, meet, jobs, 4);
    assert_int_equal(meeting.present, 4);
    assert_false(meeting.has_waited_in_vain);
}

static void a_crew_has_one_to_the_limit(void **state)
{
    CLEANUP(crew_freep) struct crew *crew = NULL;

    (void)state;
    assert_int_equal(crew_new(0, &crew, NULL), -ERR_USAGE);
    assert_int_equal(crew_new(SIGNERD_THREADS_MAX + 1, &crew, NULL), -ERR_USAGE);
    assert_int_equal(crew_new(SIGNERD_THREADS_MAX, &crew, NULL), 0);
}

static void its_size_is_that_of_the_processors_it_may_use(void **state)
{
    cpu_set_t before;
    cpu_set_t one;
    size_t cpu = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    if (CPU_COUNT(&before) <= SIGNERD_THREADS_MAX)
        assert_int_equal(crew_size(), CPU_COUNT(&before));
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(crew_size(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_is_done_once_by_the_time_it_returns),
        cmocka_unit_test(a_single_job_is_the_callers),
        cmocka_unit_test(as_many_jobs_as_threads_go_on_at_once),
        cmocka_unit_test(a_crew_has_one_to_the_limit),
        cmocka_unit_test(its_size_is_that_of_the_processors_it_may_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
