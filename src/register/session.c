/* SPDX-License-Identifier: Apache-2.0 */
#include "register/session.h"

#include "base/rand.h"
#include "register/refusal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = SESSION_TOKEN_LEN / 2 };

struct opened {
    struct session session; /* expires_at 0: the place is free */
    struct digest token;
};

struct sessions {
    pthread_mutex_t lock;
    struct login_challenge challenges[CHALLENGES_MAX]; /* expires_at 0: the place is free */
    struct opened opened[SESSIONS_MAX];
};

int sessions_new(struct sessions **ret, struct err *err)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);

    if (sessions == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&sessions->lock, NULL);
    *ret = sessions;
    return 0;
}

void sessions_freep(struct sessions **sessions)
{
    if (*sessions == NULL)
        return;
    (void)pthread_mutex_destroy(&(*sessions)->lock);
    wipe(*sessions, sizeof **sessions);
    free(*sessions);
    *sessions = NULL;
}

static void random_hex(const uint8_t *bytes, size_t len, char *ret)
{
    for (size_t i = 0; i < len; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

static int new_challenge(const char *counter, uid_t uid, int64_t now, struct login_challenge *ret,
                         struct err *err)
{
    uint8_t id[SESSION_ID_LEN / 2];

    *ret = (struct login_challenge){.uid = uid, .expires_at = now + CHALLENGE_SECONDS};
    TRY(rand_fill(id, sizeof id, err));
    TRY(rand_fill(ret->nonce, sizeof ret->nonce, err));
    random_hex(id, sizeof id, ret->id);
    (void)snprintf(ret->counter, sizeof ret->counter, "%s", counter);
    return 0;
}

int sessions_challenge(struct sessions *sessions, const char *counter, uid_t uid, int64_t now,
                       struct login_challenge *ret, struct err *err)
{
    struct login_challenge challenge;
    bool is_kept = false;

    TRY(new_challenge(counter, uid, now, &challenge, err));
    (void)pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < CHALLENGES_MAX && !is_kept; i++) {
        if (sessions->challenges[i].expires_at >= now)
            continue;
        sessions->challenges[i] = challenge;
        is_kept = true;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    if (!is_kept)
        return FAIL(err, ERR_REMOTE, "too many logins at once; try again in a minute");
    *ret = challenge;
    return 0;
}

int sessions_take(struct sessions *sessions, const char *id, uid_t uid, int64_t now,
                  struct login_challenge *ret, struct err *err)
{
    struct login_challenge taken = {.expires_at = 0};

    (void)pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < CHALLENGES_MAX; i++) {
        struct login_challenge *challenge = &sessions->challenges[i];

        if (challenge->expires_at == 0 || strcmp(challenge->id, id) != 0)
            continue;
        taken = *challenge;
        *challenge = (struct login_challenge){.expires_at = 0};
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    if (taken.expires_at == 0 || taken.expires_at < now || taken.uid != uid)
        return refuse(err, REFUSED_CHALLENGE);
    *ret = taken;
    return 0;
}

static bool keep(struct sessions *sessions, const struct opened *opened, int64_t now)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (sessions->opened[i].session.expires_at < now) {
            sessions->opened[i] = *opened;
            return true;
        }
    }
    return false;
}

int sessions_open(struct sessions *sessions, struct session *session, int64_t now,
                  char ret_token[SESSION_TOKEN_LEN + 1], struct err *err)
{
    uint8_t token[TOKEN_BYTES];
    struct opened opened;
    bool is_kept;

    session->expires_at = now + SESSION_SECONDS;
    opened.session = *session;
    TRY(rand_fill(token, sizeof token, err));
    random_hex(token, sizeof token, ret_token);
    wipe(token, sizeof token);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(ret_token), &opened.token, err));
    (void)pthread_mutex_lock(&sessions->lock);
    is_kept = keep(sessions, &opened, now);
    (void)pthread_mutex_unlock(&sessions->lock);
    return is_kept ? 0 : FAIL(err, ERR_REMOTE, "too many clerks are logged in; try again later");
}

/* All places are looked at, and a hash of the token is compared, so time tells nothing of it. */
int sessions_find(struct sessions *sessions, const char *token, uid_t uid, int64_t now,
                  struct session *ret, struct err *err)
{
    struct session found = {.expires_at = 0};
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(token), &digest, err));
    (void)pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct opened *opened = &sessions->opened[i];

        if (opened->session.expires_at != 0 &&
            bytes_equal_secret(digest_bytes(&digest), digest_bytes(&opened->token)))
            found = opened->session;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    if (found.expires_at == 0 || found.expires_at < now || found.uid != uid)
        return refuse(err, REFUSED_NO_SESSION);
    *ret = found;
    return 0;
}

void sessions_note_good(struct sessions *sessions, const char *id, int64_t at)
{
    (void)pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (strcmp(sessions->opened[i].session.id, id) == 0)
            sessions->opened[i].session.good_at = at;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
}

static void close_where(struct sessions *sessions, size_t offset, const char *text)
{
    (void)pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct opened *opened = &sessions->opened[i];

        if (strcmp((const char *)&opened->session + offset, text) == 0)
            *opened = (struct opened){.session = {.expires_at = 0}};
    }
    (void)pthread_mutex_unlock(&sessions->lock);
}

void sessions_close(struct sessions *sessions, const char *id)
{
    close_where(sessions, offsetof(struct session, id), id);
}

void sessions_close_of(struct sessions *sessions, const char *clerk)
{
    close_where(sessions, offsetof(struct session, clerk), clerk);
}
