/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few threads and a queue. Two logins of one person take turns: there is one card.
 */
#include "sandbox/phone.h"

#include "base/share.h"
#include "sandbox/fault_act.h"
#include "sandbox/phone_answer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last place is that of acts, of which one is done at a time. */
enum { THREADS = 4, ACTS = THREADS, PLACES_ };

_Static_assert((int)PLACES_ == (int)KEEPER_PLACES, "each has a card of its own");

struct phone {
    struct phone_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something is queued, a card is free, or it is time to stop */
    struct phone_login queue[PHONE_QUEUE_MAX];
    size_t count;
    char busy[PLACES_][SANDBOX_PERSONA_NAME_MAX + 1]; /* whose card each place has */
    bool is_stopping;
    pthread_t threads[THREADS];
    unsigned thread_count, numbered;
};

static bool is_busy(const struct phone *phone, const char *persona)
{
    for (size_t i = 0; i < PLACES_; i++)
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

/* A person and what is needed to take the card. */
struct user {
    struct hand_options options;
    struct personas personas;
    struct persona persona;
};

static void user_done(struct user *user)
{
    personas_done(&user->personas);
}

static int user_find(const struct phone *phone, unsigned place, const char *name, struct user *ret,
                     struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    ret->options = (struct hand_options){phone->options.layout, phone->options.keeper, place};
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, phone->options.layout, &ret->personas, err));
    return persona_find(&ret->personas, name, &ret->persona, err);
}

static int answer(const struct phone *phone, unsigned place, struct phone_login *login,
                  struct err *err)
{
    CLEANUP(user_done) struct user user = {.personas = {0}};

    meet(phone->options.page, login);
    TRY(user_find(phone, place, login->persona, &user, err));
    return phone_answer(&user.options, &user.persona, login, err);
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

int phone_act(struct phone *phone, const char *persona, enum named_fault fault, struct err *err)
{
    CLEANUP(user_done) struct user user = {.personas = {0}};
    int rc;

    TRY(user_find(phone, ACTS, persona, &user, err));
    (void)pthread_mutex_lock(&phone->lock);
    while (phone->busy[ACTS][0] != '\0' || is_busy(phone, persona))
        (void)pthread_cond_wait(&phone->changed, &phone->lock);
    (void)snprintf(phone->busy[ACTS], sizeof phone->busy[ACTS], "%s", persona);
    (void)pthread_mutex_unlock(&phone->lock);
    rc = fault_act(&user.options, &user.persona, fault, err);
    (void)pthread_mutex_lock(&phone->lock);
    phone->busy[ACTS][0] = '\0';
    (void)pthread_cond_broadcast(&phone->changed);
    (void)pthread_mutex_unlock(&phone->lock);
    return rc;
}
