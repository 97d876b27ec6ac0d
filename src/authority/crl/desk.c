/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/desk.h"

#include <errno.h>
#include <stdlib.h>

struct crl_desk {
    pthread_mutex_t lock;
    const struct authority *authority;
    _Atomic bool is_stopping;
    bool has_thread; /* that was not joined */
    bool is_at_work;
    pthread_t thread;
    uint64_t wanted, over; /* the last order, and the last one that what is over has seen to */
    struct audit_origin by;
    unsigned published;
    int rc;
    struct err err;
};

int crl_desk_new(const struct authority *authority, struct crl_desk **ret, struct err *err)
{
    struct crl_desk *desk = calloc(1, sizeof *desk);

    if (desk == NULL)
        return FAIL_NOMEM(err);
    desk->authority = authority;
    (void)pthread_mutex_init(&desk->lock, NULL);
    *ret = desk;
    return 0;
}

void crl_desk_freep(struct crl_desk **desk)
{
    if (*desk == NULL)
        return;
    (*desk)->is_stopping = true;
    if ((*desk)->has_thread)
        (void)pthread_join((*desk)->thread, NULL);
    (void)pthread_mutex_destroy(&(*desk)->lock);
    free(*desk);
    *desk = NULL;
}

/* Stopped is no success for whoever wanted lists. */
static int publish(const struct crl_desk *desk, const struct audit_origin *by, unsigned *ret,
                   struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    const struct publishing all = {
        .due = {.planned = INT64_MAX, .now = INT64_MAX}, .by = *by, .stop = &desk->is_stopping};

    TRY(signer_open(desk->authority->signer, &signer, err));
    TRY(authority_publish_due(desk->authority, signer, &all, ret, err));
    if (*ret == 0 && desk->is_stopping)
        return FAIL(err, ERR_REMOTE, "publishing was stopped: the lists of before stay");
    return 0;
}

/* As long as there are orders. */
static void *work(void *context)
{
    struct crl_desk *desk = context;

    (void)pthread_mutex_lock(&desk->lock);
    while (desk->over < desk->wanted) {
        uint64_t order = desk->wanted;
        struct audit_origin by = desk->by;
        struct err err = {0};
        unsigned published = 0;
        int rc;

        (void)pthread_mutex_unlock(&desk->lock);
        rc = publish(desk, &by, &published, &err);
        (void)pthread_mutex_lock(&desk->lock);
        desk->over = order;
        desk->published = published;
        desk->rc = rc;
        desk->err = err;
        http_bell_ring(authority_changes(desk->authority->store));
    }
    desk->is_at_work = false;
    (void)pthread_mutex_unlock(&desk->lock);
    return NULL;
}

/* Locked. The thread before has nothing to do any more but to end. */
static int have_thread(struct crl_desk *desk, struct err *err)
{
    if (desk->is_at_work)
        return 0;
    if (desk->has_thread)
        (void)pthread_join(desk->thread, NULL);
    desk->has_thread = false;
    errno = pthread_create(&desk->thread, NULL, work, desk);
    if (errno != 0)
        return FAIL_ERRNO(err, "cannot start a thread");
    desk->has_thread = desk->is_at_work = true;
    return 0;
}

int crl_desk_order(struct crl_desk *desk, const struct audit_origin *by, uint64_t *ret_order,
                   struct err *err)
{
    int rc;

    (void)pthread_mutex_lock(&desk->lock);
    desk->by = *by;
    *ret_order = ++desk->wanted;
    rc = have_thread(desk, err);
    (void)pthread_mutex_unlock(&desk->lock);
    return rc;
}

int crl_desk_look(struct crl_desk *desk, uint64_t order, struct crl_outcome *ret, struct err *err)
{
    int rc = 0;

    (void)pthread_mutex_lock(&desk->lock);
    *ret = (struct crl_outcome){desk->over >= order, desk->published};
    if (ret->is_over && desk->rc < 0)
        rc = err_copy(err, &desk->err);
    (void)pthread_mutex_unlock(&desk->lock);
    return rc;
}
