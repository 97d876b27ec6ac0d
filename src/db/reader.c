/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which connection reads: the first one that is free, so that whoever is alone finds its pages and
 * statements again. Where none is, whoever comes waits for any.
 */
#include "db/sqlite.h"

#include <errno.h>
#include <time.h>

enum { NS_OF_MS = 1000000, NS_OF_S = 1000000000 };

static int make_locks(struct db_readers *readers, struct err *err)
{
    pthread_condattr_t by_clock;
    int rc;

    if (pthread_condattr_init(&by_clock) != 0)
        return FAIL_NOMEM(err);
    (void)pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    rc = pthread_cond_init(&readers->changed, &by_clock);
    (void)pthread_condattr_destroy(&by_clock);
    if (rc != 0)
        return FAIL_NOMEM(err);
    if (pthread_mutex_init(&readers->lock, NULL) != 0) {
        (void)pthread_cond_destroy(&readers->changed);
        return FAIL_NOMEM(err);
    }
    return 0;
}

int db_readers_open(struct db_readers *readers, const char *path, struct err *err)
{
    TRY(make_locks(readers, err));
    readers->is_open = true;
    for (size_t i = 0; i < DB_READERS; i++)
        TRY(db_connection_open(&readers->at[i], path, err));
    return 0;
}

void db_readers_close(struct db_readers *readers)
{
    if (!readers->is_open)
        return;
    for (size_t i = 0; i < DB_READERS; i++)
        db_connection_close(&readers->at[i]);
    (void)pthread_cond_destroy(&readers->changed);
    (void)pthread_mutex_destroy(&readers->lock);
    readers->is_open = false;
}

static struct db_connection *find_free(struct db_readers *readers)
{
    for (size_t i = 0; i < DB_READERS && !readers->is_paused; i++)
        if (!readers->at[i].is_taken)
            return &readers->at[i];
    return NULL;
}

struct db_connection *db_reader_take(struct db_readers *readers)
{
    struct db_connection *reader;

    (void)pthread_mutex_lock(&readers->lock);
    while ((reader = find_free(readers)) == NULL) {
        readers->waiting++;
        (void)pthread_cond_wait(&readers->changed, &readers->lock);
        readers->waiting--;
    }
    reader->is_taken = true;
    readers->taken++;
    (void)pthread_mutex_unlock(&readers->lock);
    return reader;
}

void db_reader_give(struct db_readers *readers, struct db_connection *reader)
{
    (void)pthread_mutex_lock(&readers->lock);
    reader->is_taken = false;
    readers->taken--;
    if (readers->waiting > 0 || readers->is_paused)
        (void)pthread_cond_broadcast(&readers->changed);
    (void)pthread_mutex_unlock(&readers->lock);
}

static struct timespec after_ms(long ms)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += ms * NS_OF_MS;
    at.tv_sec += at.tv_nsec / NS_OF_S;
    at.tv_nsec %= NS_OF_S;
    return at;
}

void db_readers_pause(struct db_readers *readers, long patience_ms)
{
    const struct timespec until = after_ms(patience_ms);
    int rc = 0;

    (void)pthread_mutex_lock(&readers->lock);
    readers->is_paused = true;
    while (readers->taken > 0 && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&readers->changed, &readers->lock, &until);
    (void)pthread_mutex_unlock(&readers->lock);
}

void db_readers_go_on(struct db_readers *readers)
{
    (void)pthread_mutex_lock(&readers->lock);
    readers->is_paused = false;
    (void)pthread_cond_broadcast(&readers->changed);
    (void)pthread_mutex_unlock(&readers->lock);
}
