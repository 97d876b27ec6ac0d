/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few threads and a queue. Two logins of one person take turns: there is one card. Threads live
 * as long as the phone, because what they start ends with them (process.h).
 */
#include "sandbox/phone.h"

#include "base/share.h"
#include "sandbox/phone_answer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4 };

struct phone {
    struct phone_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something is queued, a card is free, or it is time to stop */
    struct phone_login queue[PHONE_QUEUE_MAX];
    size_t count;
    char busy[THREADS][SANDBOX_PERSONA_NAME_MAX + 1]; /* whose card each thread has */
    bool is_stopping;
    pthread_t threads[THREADS];
    unsigned thread_count, numbered;
};

static bool is_busy(const struct phone *phone, const char *persona)
{
    for (size_t i = 0; i < THREADS; i++)
        if (strcmp(phone->busy[i], persona) == 0)
            return true;
    return false;
}

/* The first whose card nobody has. The lock is held. */
static bool take_next(struct phone *phone, unsigned place, struct phone_login *ret)
{
    for (size_t i = 0; i < phone->count; i++) {
        if (is_busy(phone, phone->queue[i].persona))
            continue;
        *ret = phone->queue[i];
        phone->count--;
        memmove(&phone->queue[i], &phone->queue[i + 1],
                (phone->count - i) * sizeof phone->queue[0]);
        memcpy(phone->busy[place], ret->persona, sizeof ret->persona);
        return true;
    }
    return false;
}

static void meet(struct powers_page *page, struct phone_login *login)
{
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        if (named_faults[i].way == NAMED_BY_HOLDER && powers_take(page, (enum named_fault)i))
            login->faults |= UINT64_C(1) << i;
}

static int answer(const struct phone *phone, unsigned place, struct phone_login *login,
                  struct err *err)
{
    const struct hand_options options = {phone->options.layout, phone->options.bin_dir, place};
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(free_text) char *path = NULL;
    struct persona persona;

    meet(phone->options.page, login);
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, phone->options.layout, &personas, err));
    TRY(persona_find(&personas, login->persona, &persona, err));
    return phone_answer(&options, &persona, login, err);
}

static void work(struct phone *phone, unsigned place)
{
    struct phone_login login;

    while (!phone->is_stopping) {
        struct err why = {0};

        if (!take_next(phone, place, &login)) {
            (void)pthread_cond_wait(&phone->changed, &phone->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&phone->lock);
        int rc = answer(phone, place, &login, &why);
        phone->options.report(&login, rc < 0 ? &why : NULL);
        (void)pthread_mutex_lock(&phone->lock);
        phone->busy[place][0] = '\0';
        (void)pthread_cond_broadcast(&phone->changed);
    }
}

static void *thread_main(void *argument)
{
    struct phone *phone = argument;

    (void)pthread_mutex_lock(&phone->lock);
    work(phone, phone->numbered++);
    (void)pthread_mutex_unlock(&phone->lock);
    return NULL;
}

int phone_new(const struct phone_options *options, struct phone **ret, struct err *err)
{
    struct phone *phone = calloc(1, sizeof *phone);

    if (phone == NULL)
        return FAIL_NOMEM(err);
    phone->options = *options;
    (void)pthread_mutex_init(&phone->lock, NULL);
    (void)pthread_cond_init(&phone->changed, NULL);
    for (; phone->thread_count < THREADS; phone->thread_count++) {
        errno = pthread_create(&phone->threads[phone->thread_count], NULL, thread_main, phone);
        if (errno != 0) {
            int rc = FAIL_ERRNO(err, "cannot start a thread");
            phone_free(phone);
            return rc;
        }
    }
    *ret = phone;
    return 0;
}

void phone_free(struct phone *phone)
{
    if (phone == NULL)
        return;
    (void)pthread_mutex_lock(&phone->lock);
    phone->is_stopping = true;
    (void)pthread_cond_broadcast(&phone->changed);
    (void)pthread_mutex_unlock(&phone->lock);
    for (unsigned i = 0; i < phone->thread_count; i++)
        (void)pthread_join(phone->threads[i], NULL);
    (void)pthread_cond_destroy(&phone->changed);
    (void)pthread_mutex_destroy(&phone->lock);
    free(phone);
}

int phone_ask(struct phone *phone, const struct phone_login *login, struct err *err)
{
    int rc = 0;

    (void)pthread_mutex_lock(&phone->lock);
    if (phone->count == PHONE_QUEUE_MAX)
        rc = FAIL(err, ERR_REMOTE, "more than %d logins wait for their cards", PHONE_QUEUE_MAX);
    else
        phone->queue[phone->count++] = *login;
    (void)pthread_cond_signal(&phone->changed);
    (void)pthread_mutex_unlock(&phone->lock);
    return rc;
}
