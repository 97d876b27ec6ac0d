/* SPDX-License-Identifier: Apache-2.0 */
#include "card/keygen.h"

#include <pthread.h>
#include <string.h>

enum { KEY_BITS = 2048 };

struct job {
    pthread_t thread;
    bool is_started;
    enum key_kind kind;
    int rc;
    struct privkey *key;
    struct err failure;
};

static void *generate(void *context)
{
    struct job *job = context;

    job->rc = job->kind == KEY_P384 ? privkey_generate_p384(&job->key, &job->failure)
                                    : privkey_generate(KEY_BITS, &job->key, &job->failure);
    return NULL;
}

/* Where there is no thread to be had, the caller's does the work. */
static void start(struct job *job)
{
    job->is_started = pthread_create(&job->thread, NULL, generate, job) == 0;
    if (!job->is_started)
        (void)generate(job);
}

static void finish(struct job *job)
{
    if (job->is_started)
        (void)pthread_join(job->thread, NULL);
}

int keygen(const enum key_kind kinds[], struct privkey *ret[], size_t count, struct err *err)
{
    struct job jobs[KEYGEN_SIZE] = {{.key = NULL}};
    const struct err *failure = NULL;

    if (count > KEYGEN_SIZE)
        return FAIL(err, ERR_USAGE, "%zu keys at once, not more than %d", count, KEYGEN_SIZE);
    for (size_t i = 0; i < count; i++) {
        jobs[i].kind = kinds[i];
        start(&jobs[i]);
    }
    for (size_t i = 0; i < count; i++) {
        finish(&jobs[i]);
        if (jobs[i].rc < 0)
            failure = &jobs[i].failure;
    }
    for (size_t i = 0; i < count; i++) {
        if (failure == NULL)
            ret[i] = jobs[i].key;
        else
            privkey_free(jobs[i].key);
    }
    return failure == NULL ? 0 : err_copy(err, failure);
}
