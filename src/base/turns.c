/* SPDX-License-Identifier: Apache-2.0 */
#include "base/turns.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct turn {
    atomic_uint holders; /* the place is one of them */
    void *value;
    void (*release)(void *value); /* NULL: it is somebody else's */
};

struct turns {
    pthread_mutex_t lock; /* of current: it is held before its last holder can let go of it */
    struct turn *current;
};

static int turn_new(void *value, void (*release)(void *value), struct turn **ret, struct err *err)
{
    struct turn *turn = calloc(1, sizeof *turn);

    if (turn == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&turn->holders, 1);
    turn->value = value;
    turn->release = release;
    *ret = turn;
    return 0;
}

int turns_new(void *first, struct turns **ret, struct err *err)
{
    struct turns *turns = calloc(1, sizeof *turns);
    int rc;

    if (turns == NULL)
        return FAIL_NOMEM(err);
    rc = turn_new(first, NULL, &turns->current, err);
    if (rc < 0) {
        free(turns);
        return rc;
    }
    (void)pthread_mutex_init(&turns->lock, NULL);
    *ret = turns;
    return 0;
}

void turns_freep(struct turns **turns)
{
    if (*turns == NULL)
        return;
    turn_release((*turns)->current);
    (void)pthread_mutex_destroy(&(*turns)->lock);
    free(*turns);
    *turns = NULL;
}

struct turn *turns_hold(struct turns *turns)
{
    struct turn *turn;

    (void)pthread_mutex_lock(&turns->lock);
    turn = turns->current;
    atomic_fetch_add(&turn->holders, 1);
    (void)pthread_mutex_unlock(&turns->lock);
    return turn;
}

void *turn_value(const struct turn *turn)
{
    return turn->value;
}

void turn_release(struct turn *turn)
{
    if (turn == NULL || atomic_fetch_sub(&turn->holders, 1) > 1)
        return;
    if (turn->release != NULL)
        turn->release(turn->value);
    free(turn);
}

void turn_releasep(struct turn **turn)
{
    turn_release(*turn);
    *turn = NULL;
}

int turns_put(struct turns *turns, void *value, void (*release)(void *value), struct err *err)
{
    struct turn *next;
    struct turn *before;

    TRY(turn_new(value, release, &next, err));
    (void)pthread_mutex_lock(&turns->lock);
    before = turns->current;
    turns->current = next;
    (void)pthread_mutex_unlock(&turns->lock);
    turn_release(before);
    return 0;
}
