/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot goes into a copy of its own, which then takes the place of the one before; a delta is
 * taken in under the lock, in microseconds. Deltas name the state they lead on from, so that
 * whoever was cut off goes on where he was or takes a snapshot, and skips nothing.
 */
#include "platform/revocation/follower.h"

#include "base/file.h"
#include "platform/door.h"
#include "verify/feed_status.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    WAIT_MS = 2000,       /* at the authority, for a delta */
    RETRY_FIRST_MS = 500, /* after a failure; twice as long after each further one */
    RETRY_LAST_MS = 30000,
    FRESH_S = 900, /* the copy counts alone so long after the authority confirmed it */
    ITEMS_MAX = 64 * 1024 * 1024,
    STREAMS = 2,
};

static const char *const kinds[STREAMS] = {"sign", "auth"};

/* The feed of one kind. */
struct stream {
    struct follower *follower;
    unsigned kind;
    pthread_t thread;
    pthread_rwlock_t lock; /* of the copy and the rest; only the thread changes them */
    struct feed_copy *copy;
    int64_t confirmed_at;
    uint64_t taken, refused, failed;
    bool wants_snapshot;
};

struct follower {
    struct follower_options options;
    int stop_fd; /* readable: stop */
    struct stream streams[STREAMS];
    unsigned started;
};

static struct stream *stream_of(struct follower *follower, enum purpose purpose)
{
    return &follower->streams[purpose == PURPOSE_LOGIN];
}

static int64_t now_of(const struct stream *stream)
{
    return clock_now(stream->follower->options.platform->clock);
}

/* ---- taking in ---- */

static int ask(const struct stream *stream, struct signer *signer, struct json *members,
               int wait_ms, struct door_answer *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *owned = members;
    struct door_question question = {.act = "feed",
                                     .path = "/v1/verifier/feed",
                                     .accept = "application/octet-stream",
                                     .limit = ITEMS_MAX,
                                     .wait_ms = wait_ms};

    TRY(json_put_text(owned, "kind", kinds[stream->kind], err));
    question.members = json_steal(&owned);
    return door_ask(stream->follower->options.platform, signer, &question, ret, err);
}

/* A copy of the feed of the CA that the item is about, if this platform believes that CA. */
static int new_copy(const struct stream *stream, struct bytes items, struct feed_copy **ret,
                    struct err *err)
{
    const struct platform *platform = stream->follower->options.platform;
    const struct anchors *cas = stream->kind == 0 ? platform->sign_cas : platform->auth_cas;
    const struct x509_cert *ca;
    struct feed_item item;

    if (feed_item_next(&items, &item, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "what the authority gives is no item of a feed");
    ca = anchors_find(cas, item.head.ca_key_id, 0);
    if (ca == NULL)
        return FAIL(err, ERR_UNTRUSTED, "the feed is that of a CA that is not known here");
    return feed_copy_new(x509_cert_der(ca), ret, err);
}

/* What was told before is not taken back. */
static int check_newer(const struct stream *stream, const struct feed_copy *fresh, struct err *err)
{
    struct feed_standing before = {.edition = 0};
    struct feed_standing after;

    if (stream->copy != NULL)
        feed_copy_standing(stream->copy, &before);
    feed_copy_standing(fresh, &after);
    if (after.number < before.number || after.this_update < before.this_update)
        return FAIL(err, ERR_UNTRUSTED, "the authority's snapshot is older than what it has told");
    return 0;
}

static void confirm(struct stream *stream, struct feed_copy *fresh, unsigned taken)
{
    struct feed_copy *before = NULL;

    (void)pthread_rwlock_wrlock(&stream->lock);
    if (fresh != NULL) {
        before = stream->copy;
        stream->copy = fresh;
    }
    stream->taken += taken;
    stream->confirmed_at = now_of(stream);
    (void)pthread_rwlock_unlock(&stream->lock);
    feed_copy_free(before);
}

static int take_snapshot(struct stream *stream, struct signer *signer, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(feed_copy_freep) struct feed_copy *fresh = NULL;
    CLEANUP(json_freep) struct json *members = json_object_new();
    unsigned taken = 0;

    TRY(json_put_text(members, "item", "snapshot", err));
    TRY(ask(stream, signer, json_steal(&members), 0, &answer, err));
    TRY(new_copy(stream, buf_bytes(&answer.body), &fresh, err));
    TRY(feed_copy_take_all(fresh, buf_bytes(&answer.body), now_of(stream), &taken, err));
    TRY(check_newer(stream, fresh, err));
    confirm(stream, fresh, taken);
    fresh = NULL;
    stream->wants_snapshot = false;
    return 0;
}

/* Those that can be believed are taken in even if one among them cannot. */
static int take_items(struct stream *stream, struct bytes items, struct err *err)
{
    unsigned taken = 0;
    int rc;

    (void)pthread_rwlock_wrlock(&stream->lock);
    rc = feed_copy_take_all(stream->copy, items, now_of(stream), &taken, err);
    stream->taken += taken;
    (void)pthread_rwlock_unlock(&stream->lock);
    TRY(rc);
    return taken > 0 ? 0 : FAIL(err, ERR_UNTRUSTED, "the authority's deltas do not follow");
}

static int take_deltas(struct stream *stream, struct signer *signer, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(json_freep) struct json *members = json_object_new();
    struct feed_standing standing;
    int rc;

    feed_copy_standing(stream->copy, &standing);
    TRY(json_put_text(members, "item", "deltas", err));
    TRY(json_put_int(members, "since", standing.edition, err));
    TRY(json_put_int(members, "wait", WAIT_MS, err));
    rc = ask(stream, signer, json_steal(&members), WAIT_MS, &answer, err);
    stream->wants_snapshot = rc == -ERR_ABSENT;
    if (stream->wants_snapshot)
        return take_snapshot(stream, signer, err);
    TRY(rc);
    if (answer.body.len > 0)
        TRY(take_items(stream, buf_bytes(&answer.body), err));
    confirm(stream, NULL, 0);
    return 0;
}

static int round_of(struct stream *stream, struct signer **signer, struct err *err)
{
    if (*signer == NULL)
        TRY(signer_open(stream->follower->options.platform->signer, signer, err));
    return stream->copy == NULL || stream->wants_snapshot ? take_snapshot(stream, *signer, err)
                                                          : take_deltas(stream, *signer, err);
}

/* ---- the threads ---- */

static void note(struct stream *stream, int rc, int before, const struct err *why)
{
    const struct follower_options *options = &stream->follower->options;
    bool is_refused = rc == -ERR_UNTRUSTED || rc == -ERR_INPUT;

    (void)pthread_rwlock_wrlock(&stream->lock);
    stream->refused += is_refused;
    stream->failed += rc < 0 && !is_refused;
    (void)pthread_rwlock_unlock(&stream->lock);
    if (rc == before || options->report == NULL)
        return;
    options->report(stream->kind == 0 ? PURPOSE_DOCUMENT : PURPOSE_LOGIN,
                    rc == 0      ? FOLLOWER_CURRENT
                    : is_refused ? FOLLOWER_REFUSED
                                 : FOLLOWER_FAILED,
                    rc == 0 ? NULL : why);
}

static void *run(void *argument)
{
    struct stream *stream = argument;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct pollfd stop = {.fd = stream->follower->stop_fd, .events = POLLIN};
    int pause_ms = 0;
    int before = 1; /* neither 0 nor a failure */

    do {
        struct err why = {0};
        int rc = round_of(stream, &signer, &why);

        note(stream, rc, before, &why);
        before = rc;
        if (rc == 0)
            pause_ms = 0;
        else
            pause_ms = pause_ms == 0 ? RETRY_FIRST_MS : pause_ms * 2;
        if (pause_ms > RETRY_LAST_MS)
            pause_ms = RETRY_LAST_MS;
    } while (poll(&stop, 1, pause_ms) <= 0);
    return NULL;
}

static int start_streams(struct follower *follower, struct err *err)
{
    for (; follower->started < STREAMS; follower->started++) {
        struct stream *stream = &follower->streams[follower->started];

        errno = pthread_create(&stream->thread, NULL, run, stream);
        if (errno != 0)
            return FAIL_ERRNO(err, "cannot start a thread");
    }
    return 0;
}

int follower_start(const struct follower_options *options, struct follower **ret, struct err *err)
{
    struct follower *follower = calloc(1, sizeof *follower);
    int rc;

    if (follower == NULL)
        return FAIL_NOMEM(err);
    follower->options = *options;
    for (unsigned kind = 0; kind < STREAMS; kind++) {
        follower->streams[kind].follower = follower;
        follower->streams[kind].kind = kind;
        (void)pthread_rwlock_init(&follower->streams[kind].lock, NULL);
    }
    follower->stop_fd = eventfd(0, EFD_CLOEXEC);
    rc = follower->stop_fd < 0 ? FAIL_ERRNO(err, "cannot make an event descriptor")
                               : start_streams(follower, err);
    if (rc < 0) {
        follower_stopp(&follower);
        return rc;
    }
    *ret = follower;
    return 0;
}

void follower_stopp(struct follower **follower)
{
    const uint64_t one = 1;
    struct follower *f = *follower;

    if (f == NULL)
        return;
    /* A new eventfd takes one write. */
    while (f->stop_fd >= 0 && write(f->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
    for (unsigned kind = 0; kind < STREAMS; kind++) {
        if (kind < f->started)
            (void)pthread_join(f->streams[kind].thread, NULL);
        feed_copy_free(f->streams[kind].copy);
        (void)pthread_rwlock_destroy(&f->streams[kind].lock);
    }
    fd_done(&f->stop_fd);
    free(f);
    *follower = NULL;
}

void follower_standing(struct follower *follower, enum purpose purpose,
                       struct follower_standing *ret)
{
    struct stream *stream = stream_of(follower, purpose);
    struct feed_standing copy = {.edition = 0};

    (void)pthread_rwlock_rdlock(&stream->lock);
    if (stream->copy != NULL)
        feed_copy_standing(stream->copy, &copy);
    *ret = (struct follower_standing){.edition = copy.edition,
                                      .this_update = copy.this_update,
                                      .next_update = copy.next_update,
                                      .confirmed_at = stream->confirmed_at,
                                      .taken = stream->taken,
                                      .refused = stream->refused,
                                      .failed = stream->failed};
    (void)pthread_rwlock_unlock(&stream->lock);
}

/* ---- questions ---- */

/* What the copy says; whether the authority has confirmed it lately. */
static int look_here(struct stream *stream, const struct status_question *question,
                     struct report *report, struct status *ret, bool *ret_is_fresh, struct err *err)
{
    const struct feed_copy *copy;
    struct feed_list list = {&copy, 0};
    const struct status_source source = feed_status_source(&list);
    int rc;

    (void)pthread_rwlock_rdlock(&stream->lock);
    copy = stream->copy;
    list.count = copy != NULL;
    *ret_is_fresh = now_of(stream) - stream->confirmed_at < FRESH_S;
    rc = source.look(source.context, question, report, ret, err);
    (void)pthread_rwlock_unlock(&stream->lock);
    return rc;
}

/*
 * A fresh copy decides. One that is not, but holds still, decides where nobody else knows: a
 * responder that says "unknown" does know.
 */
static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct follower_way *way = context;
    struct report here = {.verdict = VERDICT_VALID};
    struct report there = {.verdict = VERDICT_VALID};
    struct status other;
    bool is_fresh;

    TRY(look_here(stream_of(way->follower, way->purpose), question, &here, ret, &is_fresh, err));
    if (way->otherwise == NULL || (ret->answer != STATUS_NOT_KNOWN && is_fresh)) {
        report_merge(report, &here);
        return 0;
    }
    TRY(way->otherwise->look(way->otherwise->context, question, &there, &other, err));
    if (other.answer == STATUS_NOT_KNOWN && ret->answer != STATUS_NOT_KNOWN &&
        !report_has(&there, REASON_STATUS_UNKNOWN)) {
        report_merge(report, &here);
        return 0;
    }
    report_merge(report, &there);
    *ret = other;
    return 0;
}

struct status_source follower_source(const struct follower_way *way)
{
    return (struct status_source){look, way};
}
