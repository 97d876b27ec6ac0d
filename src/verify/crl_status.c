/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shelf counts at a time. Whoever asks takes hold of it under a short lock; whoever finds it
 * stale makes the next one outside of that lock and swaps them. Two never make one at once.
 */
#include "verify/crl_status.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "verify/crl_shelf.h"

#include <pthread.h>
#include <stdlib.h>

enum { THOROUGH_MS = 1000 }; /* how often files are looked at whose names stayed */

/* What questions change; the lists themselves are constant to them. */
struct state {
    pthread_mutex_t shelf_lock;  /* around shelf and looked_at */
    pthread_mutex_t making_lock; /* held by who makes the next */
    struct crl_shelf *shelf;     /* NULL: none yet */
    int64_t looked_at;           /* monotonic milliseconds; when files were */
};

struct crl_lists {
    const struct anchors *anchors;
    struct crl_limits limits;
    char *path;
    struct arena *arena;
    struct bytes memory[CRL_MEMORY_MAX];
    size_t memory_count;
    struct state *state;
};

static void state_free(struct state *state)
{
    if (state == NULL)
        return;
    crl_shelf_free(state->shelf);
    (void)pthread_mutex_destroy(&state->shelf_lock);
    (void)pthread_mutex_destroy(&state->making_lock);
    free(state);
}

static int state_new(struct state **ret, struct err *err)
{
    struct state *state = calloc(1, sizeof *state);

    if (state == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&state->shelf_lock, NULL);
    (void)pthread_mutex_init(&state->making_lock, NULL);
    *ret = state;
    return 0;
}

int crl_lists_new(const struct anchors *anchors, const struct crl_limits *limits,
                  struct crl_lists **ret, struct err *err)
{
    CLEANUP(crl_lists_freep) struct crl_lists *lists = calloc(1, sizeof *lists);

    if (lists == NULL)
        return FAIL_NOMEM(err);
    lists->anchors = anchors;
    lists->limits = *limits;
    TRY(arena_new(&lists->arena, err));
    TRY(state_new(&lists->state, err));
    *ret = lists;
    lists = NULL;
    return 0;
}

void crl_lists_free(struct crl_lists *lists)
{
    if (lists == NULL)
        return;
    state_free(lists->state);
    arena_free(lists->arena);
    free_text(&lists->path);
    free(lists);
}

void crl_lists_freep(struct crl_lists **lists)
{
    crl_lists_free(*lists);
    *lists = NULL;
}

int crl_lists_set_path(struct crl_lists *lists, const char *path, struct err *err)
{
    char *copy = NULL;

    if (path != NULL)
        TRY(path_format(&copy, err, "%s", path));
    free_text(&lists->path);
    lists->path = copy;
    crl_shelf_freep(&lists->state->shelf);
    return 0;
}

int crl_lists_add(struct crl_lists *lists, struct bytes der, struct err *err)
{
    if (lists->memory_count == CRL_MEMORY_MAX)
        return FAIL(err, ERR_INPUT, "more than %d revocation lists", CRL_MEMORY_MAX);
    TRY(arena_copy(lists->arena, der, &lists->memory[lists->memory_count], err));
    lists->memory_count++;
    crl_shelf_freep(&lists->state->shelf);
    return 0;
}

bool crl_lists_are_any(const struct crl_lists *lists)
{
    return lists->path != NULL || lists->memory_count > 0;
}

static struct crl_stock stock_of(const struct crl_lists *lists)
{
    return (struct crl_stock){.anchors = lists->anchors,
                              .limits = &lists->limits,
                              .path = lists->path,
                              .memory = lists->memory,
                              .memory_count = lists->memory_count};
}

/* What counts now, to be given back, or NULL, and when its files were looked at. */
static struct crl_shelf *hold(struct state *state, int64_t *ret_looked_at)
{
    struct crl_shelf *shelf;

    (void)pthread_mutex_lock(&state->shelf_lock);
    shelf = state->shelf == NULL ? NULL : crl_shelf_share(state->shelf);
    *ret_looked_at = state->looked_at;
    (void)pthread_mutex_unlock(&state->shelf_lock);
    return shelf;
}

static void swap(struct state *state, struct crl_shelf *next, int64_t looked_at)
{
    struct crl_shelf *old;

    (void)pthread_mutex_lock(&state->shelf_lock);
    old = state->shelf;
    state->shelf = crl_shelf_share(next);
    state->looked_at = looked_at;
    (void)pthread_mutex_unlock(&state->shelf_lock);
    crl_shelf_free(old);
}

/* Under making_lock: make the next from what counts, unless somebody did so just now. */
static int make_next(const struct crl_lists *lists, int64_t seen, struct crl_shelf **ret,
                     struct err *err)
{
    const struct crl_stock stock = stock_of(lists);
    CLEANUP(crl_shelf_freep) struct crl_shelf *now = NULL;
    CLEANUP(crl_shelf_freep) struct crl_shelf *next = NULL;
    int64_t looked_at;

    now = hold(lists->state, &looked_at);
    if (now == NULL || looked_at == seen) {
        looked_at = monotonic_ms();
        TRY(crl_shelf_make(&stock, now, &next, err));
        swap(lists->state, next, looked_at);
    }
    *ret = next == NULL ? now : next;
    now = next == NULL ? NULL : now;
    next = NULL;
    return 0;
}

/* Whoever has something that counted a moment ago does not wait for somebody who makes the next. */
static int renew(const struct crl_lists *lists, int64_t seen, struct crl_shelf **shelf,
                 struct err *err)
{
    struct crl_shelf *next = NULL;
    int rc;

    if (*shelf != NULL) {
        if (pthread_mutex_trylock(&lists->state->making_lock) != 0)
            return 0;
    } else {
        (void)pthread_mutex_lock(&lists->state->making_lock);
    }
    rc = make_next(lists, seen, &next, err);
    (void)pthread_mutex_unlock(&lists->state->making_lock);
    TRY(rc);
    crl_shelf_free(*shelf);
    *shelf = next;
    return 0;
}

static int get_shelf(const struct crl_lists *lists, struct crl_shelf **ret, struct err *err)
{
    const struct crl_stock stock = stock_of(lists);
    CLEANUP(crl_shelf_freep) struct crl_shelf *shelf = NULL;
    int64_t looked_at;
    bool is_stale = true;

    shelf = hold(lists->state, &looked_at);
    if (shelf != NULL)
        TRY(crl_shelf_is_stale(shelf, &stock, &is_stale, err));
    if (is_stale || (lists->path != NULL && monotonic_ms() - looked_at >= THOROUGH_MS))
        TRY(renew(lists, looked_at, &shelf, err));
    *ret = shelf;
    shelf = NULL;
    return 0;
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    CLEANUP(crl_shelf_freep) struct crl_shelf *shelf = NULL;
    struct index_search search = index_search_begin(question);

    if (index_search_is_sensible(&search)) {
        TRY(get_shelf(context, &shelf, err));
        crl_shelf_search(shelf, &search);
    }
    index_search_end(&search, report, ret);
    return 0;
}

struct status_source crl_lists_source(const struct crl_lists *lists)
{
    return (struct status_source){look, lists};
}
