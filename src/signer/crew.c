/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job is a signature, which takes so long beside a lock that one lock around the batch does.
 * Whoever has a single job does it itself: nobody is woken for it.
 */
#include "signer/crew.h"

#include "signer/limits.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

/* Signing needs a few kB; locked memory is dear. */
enum { STACK_SIZE = 256 * 1024 };

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t begun; /* there are jobs, or it is time to stop */
    pthread_cond_t ended; /* the last job is done */
    crew_work_fn *work;
    void *const *jobs;
    size_t count, next; /* of jobs; the next one that nobody has begun */
    size_t undone;      /* jobs not begun or not done */
    bool is_stopping;
    unsigned helpers;
    pthread_t threads[SIGNERD_THREADS_MAX];
};

unsigned crew_size(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);

    return count < SIGNERD_THREADS_MAX ? (unsigned)count : SIGNERD_THREADS_MAX;
}

/* As long as there is a job that nobody has begun. The lock is held, but not during a job. */
static void do_jobs(struct crew *crew)
{
    while (crew->next < crew->count) {
        void *job = crew->jobs[crew->next++];

        (void)pthread_mutex_unlock(&crew->lock);
        crew->work(job);
        (void)pthread_mutex_lock(&crew->lock);
        if (--crew->undone == 0)
            (void)pthread_cond_signal(&crew->ended);
    }
}

static void *helper_main(void *argument)
{
    struct crew *crew = argument;

    (void)pthread_mutex_lock(&crew->lock);
    while (!crew->is_stopping) {
        do_jobs(crew);
        (void)pthread_cond_wait(&crew->begun, &crew->lock);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static int start(struct crew *crew, unsigned helpers, struct err *err)
{
    pthread_attr_t attr;

    errno = pthread_attr_init(&attr);
    if (errno != 0)
        return FAIL_ERRNO(err, "threads cannot be prepared");
    errno = pthread_attr_setstacksize(&attr, STACK_SIZE);
    while (errno == 0 && crew->helpers < helpers) {
        errno = pthread_create(&crew->threads[crew->helpers], &attr, helper_main, crew);
        if (errno == 0)
            crew->helpers++;
    }
    (void)pthread_attr_destroy(&attr);
    return crew->helpers == helpers ? 0 : FAIL_ERRNO(err, "cannot start a thread that signs");
}

int crew_new(unsigned size, struct crew **ret, struct err *err)
{
    CLEANUP(crew_freep) struct crew *crew = NULL;

    if (size == 0 || size > SIGNERD_THREADS_MAX)
        return FAIL(err, ERR_USAGE, "%u threads to sign, 1 to %d are possible", size,
                    SIGNERD_THREADS_MAX);
    crew = calloc(1, sizeof *crew);
    if (crew == NULL)
        return FAIL_NOMEM(err);
    /* With default attributes these cannot fail on Linux. */
    (void)pthread_mutex_init(&crew->lock, NULL);
    (void)pthread_cond_init(&crew->begun, NULL);
    (void)pthread_cond_init(&crew->ended, NULL);
    TRY(start(crew, size - 1, err));
    *ret = crew;
    crew = NULL;
    return 0;
}

void crew_free(struct crew *crew)
{
    if (crew == NULL)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->is_stopping = true;
    (void)pthread_cond_broadcast(&crew->begun);
    (void)pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->helpers; i++)
        (void)pthread_join(crew->threads[i], NULL);
    (void)pthread_cond_destroy(&crew->ended);
    (void)pthread_cond_destroy(&crew->begun);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew);
}

void crew_freep(struct crew **crew)
{
    crew_free(*crew);
    *crew = NULL;
}

void crew_run(struct crew *crew, crew_work_fn *work, void *const *jobs, size_t count)
{
    if (count == 0)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->work = work;
    crew->jobs = jobs;
    crew->count = crew->undone = count;
    crew->next = 0;
    for (size_t i = 1; i < count && i <= crew->helpers; i++)
        (void)pthread_cond_signal(&crew->begun);
    do_jobs(crew);
    while (crew->undone > 0)
        (void)pthread_cond_wait(&crew->ended, &crew->lock);
    (void)pthread_mutex_unlock(&crew->lock);
}
