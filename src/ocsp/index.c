/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/index.h"

#include <errno.h>
#include <string.h>

static const char *const ca_names[OCSP_CAS_] = {[OCSP_CA_SIGN] = "sign", [OCSP_CA_AUTH] = "auth"};

const char *ocsp_ca_name(enum ocsp_ca ca)
{
    return ca_names[ca];
}

int ocsp_ca_from_name(const char *name, enum ocsp_ca *ret, struct err *err)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (strcmp(ca_names[ca], name) == 0) {
            *ret = (enum ocsp_ca)ca;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a CA other than sign and auth");
}

int ocsp_index_init(struct ocsp_index *index, struct err *err)
{
    pthread_rwlockattr_t attr;

    index->state = (struct ocsp_state){.confirmed_at = 0};
    /* Else a stream of readers keeps a change out for ever. */
    (void)pthread_rwlockattr_init(&attr);
    (void)pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    errno = pthread_rwlock_init(&index->lock, &attr);
    (void)pthread_rwlockattr_destroy(&attr);
    return errno == 0 ? 0 : FAIL_ERRNO(err, "cannot make a lock");
}

void ocsp_state_done(struct ocsp_state *state)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        revocation_set_freep(&state->revoked[ca]);
    requesters_freep(&state->requesters);
}

void ocsp_index_done(struct ocsp_index *index)
{
    ocsp_state_done(&index->state);
    (void)pthread_rwlock_destroy(&index->lock);
}

void ocsp_index_update(struct ocsp_index *index, struct ocsp_state *change)
{
    struct ocsp_state old;

    (void)pthread_rwlock_wrlock(&index->lock);
    old = index->state;
    index->state = *change;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (change->revoked[ca] == NULL) {
            index->state.revoked[ca] = old.revoked[ca];
            old.revoked[ca] = NULL;
        }
    }
    if (change->requesters == NULL) {
        index->state.requesters = old.requesters;
        old.requesters = NULL;
    }
    (void)pthread_rwlock_unlock(&index->lock);
    *change = old;
}

void ocsp_index_read(struct ocsp_index *index, enum ocsp_ca ca, struct ocsp_knowledge *knowledge)
{
    (void)pthread_rwlock_rdlock(&index->lock);
    knowledge->requesters = index->state.requesters;
    knowledge->revoked = index->state.revoked[ca];
    knowledge->issued = index->state.issued[ca];
    knowledge->gaps = &index->state.gaps[ca];
    knowledge->confirmed_at = index->state.confirmed_at;
}

void ocsp_index_release(struct ocsp_index *index)
{
    (void)pthread_rwlock_unlock(&index->lock);
}
