/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/index.h"

#include <errno.h>

int ocsp_index_init(struct ocsp_index *index, struct err *err)
{
    pthread_rwlockattr_t attr;

    index->state = (struct ocsp_state){.confirmed_at = 0};
    index->delegates = NULL;
    (void)pthread_mutex_init(&index->changing, NULL);
    /* Else a stream of readers keeps a change out for ever. */
    (void)pthread_rwlockattr_init(&attr);
    (void)pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    errno = pthread_rwlock_init(&index->lock, &attr);
    (void)pthread_rwlockattr_destroy(&attr);
    return errno == 0 ? 0 : FAIL_ERRNO(err, "cannot make a lock");
}

void ocsp_state_done(struct ocsp_state *state)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        overlay_freep(&state->recent[ca]);
        revocation_set_freep(&state->revoked[ca]);
    }
    requesters_freep(&state->requesters);
    requesters_freep(&state->auth_requesters);
}

void ocsp_index_done(struct ocsp_index *index)
{
    ocsp_state_done(&index->state);
    ocsp_delegates_releasep(&index->delegates);
    (void)pthread_mutex_destroy(&index->changing);
    (void)pthread_rwlock_destroy(&index->lock);
}

/* Sets that are not there stay, and so does what lies on them unless something new lies there. */
static void keep_sets(struct ocsp_state *state, struct ocsp_state *old, unsigned ca)
{
    if (state->revoked[ca] != NULL)
        return;
    state->revoked[ca] = old->revoked[ca];
    old->revoked[ca] = NULL;
    if (state->recent[ca] != NULL)
        return;
    state->recent[ca] = old->recent[ca];
    old->recent[ca] = NULL;
}

static struct bytes ranges_of(const struct gaps *gaps)
{
    return bytes_of(gaps->ranges, gaps->count * sizeof gaps->ranges[0]);
}

static struct bytes rows_of(const struct serial_runs *runs)
{
    return bytes_of(runs->rows, runs->count * sizeof runs->rows[0]);
}

/* Whether an answer may be another one after a change. */
static bool changes_answers(const struct ocsp_state *change, const struct ocsp_state *now)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (change->revoked[ca] != NULL || change->recent[ca] != NULL ||
            change->issued[ca] != now->issued[ca] ||
            !bytes_equal(ranges_of(&change->gaps[ca]), ranges_of(&now->gaps[ca])) ||
            !bytes_equal(rows_of(&change->runs[ca]), rows_of(&now->runs[ca])))
            return true;
    }
    return now->confirmed_at == 0;
}

void ocsp_index_update(struct ocsp_index *index, struct ocsp_state *change)
{
    struct ocsp_state old;

    (void)pthread_rwlock_wrlock(&index->lock);
    old = index->state;
    index->state = *change;
    index->state.version = old.version + changes_answers(change, &old);
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        keep_sets(&index->state, &old, ca);
    if (change->requesters == NULL) {
        index->state.requesters = old.requesters;
        index->state.auth_requesters = old.auth_requesters;
        old.requesters = NULL;
        old.auth_requesters = NULL;
    }
    (void)pthread_rwlock_unlock(&index->lock);
    *change = old;
}

void ocsp_index_appoint(struct ocsp_index *index, struct ocsp_delegates *delegates)
{
    struct ocsp_delegates *before;

    (void)pthread_rwlock_wrlock(&index->lock);
    before = index->delegates;
    index->delegates = ocsp_delegates_hold(delegates);
    (void)pthread_rwlock_unlock(&index->lock);
    ocsp_delegates_release(before);
}

struct ocsp_delegates *ocsp_index_delegates(struct ocsp_index *index)
{
    struct ocsp_delegates *delegates;

    (void)pthread_rwlock_rdlock(&index->lock);
    delegates = ocsp_delegates_hold(index->delegates);
    (void)pthread_rwlock_unlock(&index->lock);
    return delegates;
}

static void use(const struct ocsp_delegate *delegate, struct ocsp_knowledge *knowledge)
{
    knowledge->delegate = delegate;
    if (delegate == NULL)
        return;
    knowledge->ca = delegate->ca;
    knowledge->responder = delegate->certificate;
}

void ocsp_index_choose(const struct ocsp_index *index, enum ocsp_ca ca,
                       const struct ocsp_cert_id *id, struct ocsp_knowledge *knowledge)
{
    use(ocsp_delegates_choose(index->delegates, ca, id), knowledge);
}

void ocsp_index_read(struct ocsp_index *index, enum ocsp_ca ca, struct ocsp_knowledge *knowledge)
{
    (void)pthread_rwlock_rdlock(&index->lock);
    use(ocsp_delegates_find(index->delegates, ca), knowledge);
    knowledge->requesters = ca == OCSP_CA_AUTH && index->state.auth_requesters != NULL
                                ? index->state.auth_requesters
                                : index->state.requesters;
    knowledge->revoked = index->state.revoked[ca];
    knowledge->recent = index->state.recent[ca];
    knowledge->issued = index->state.issued[ca];
    knowledge->gaps = &index->state.gaps[ca];
    knowledge->runs = &index->state.runs[ca];
    knowledge->confirmed_at = index->state.confirmed_at;
    knowledge->version = index->state.version;
}

void ocsp_index_release(struct ocsp_index *index)
{
    (void)pthread_rwlock_unlock(&index->lock);
}
