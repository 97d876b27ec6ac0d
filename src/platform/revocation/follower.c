/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot goes into a copy of its own, which then takes the place of the one before; a delta is
 * taken in under the lock, in microseconds. Deltas name the state they lead on from, so that
 * whoever was cut off goes on where he was or takes a snapshot, and skips nothing.
 */
#include "platform/revocation/follower.h"

#include "base/chore.h"
#include "base/hex.h"
#include "platform/door.h"
#include "platform/revocation/pace.h"
#include "verify/feed_status.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAIT_MS = 2000,       /* at the authority, for a delta */
    RETRY_FIRST_MS = 500, /* after a failure; twice as long after each further one */
    RETRY_LAST_MS = 30000,
    FRESH_S = 900, /* the copy counts alone so long after the authority confirmed it */
    ITEMS_MAX = 64 * 1024 * 1024,
    IDLE_MS = 1000, /* while the CA is not believed */
};

/* The feed of one generation of a CA. */
struct stream {
    struct follower *follower;
    enum purpose purpose;
    struct x509_cert *ca;
    char issuer[FOLLOWER_ISSUER_SIZE];
    struct chore chore;
    pthread_rwlock_t lock; /* of the copy and the rest; only the thread changes them */
    struct feed_copy *copy;
    int64_t confirmed_at;
    uint64_t taken, refused, failed;
    bool wants_snapshot;
};

struct follower {
    struct follower_options options;
    struct pace pace; /* of all streams together */
    /* They come one by one, and go together: what is below count may be used without a lock. */
    struct stream *streams[FOLLOWER_STREAMS_MAX];
    atomic_size_t count;
};

static const struct anchors *anchors_for(const struct platform *platform, enum purpose purpose)
{
    return purpose == PURPOSE_LOGIN ? platform->auth_cas : platform->sign_cas;
}

/* By the CA's key, never by its name, which all generations share. NULL: it has no feed here. */
static struct stream *stream_of(const struct follower *follower, enum purpose purpose,
                                const struct x509_cert *ca)
{
    size_t count = atomic_load(&follower->count);

    for (size_t i = 0; i < count; i++) {
        struct stream *stream = follower->streams[i];

        if (stream->purpose == purpose &&
            bytes_equal(x509_cert_tbs(stream->ca)->spki, x509_cert_tbs(ca)->spki))
            return stream;
    }
    return NULL;
}

static int64_t now_of(const struct stream *stream)
{
    return clock_now(stream->follower->options.clock);
}

/* ---- taking in ---- */

/* One round's way to the authority. */
struct way {
    const struct platform *platform; /* held meanwhile */
    struct signer *signer;
};

static int ask(const struct stream *stream, const struct way *way, struct json *members,
               int wait_ms, struct door_answer *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *owned = members;
    struct door_question question = {.act = "feed",
                                     .path = "/v1/verifier/feed",
                                     .accept = "application/octet-stream",
                                     .limit = ITEMS_MAX,
                                     .wait_ms = wait_ms};

    TRY(json_put_text(owned, "kind", stream->purpose == PURPOSE_LOGIN ? "auth" : "sign", err));
    TRY(json_put_text(owned, "issuer", stream->issuer, err));
    question.members = json_steal(&owned);
    return door_ask(way->platform, way->signer, &question, ret, err);
}

/* A copy of the feed, if that is what the item is of. */
static int new_copy(const struct stream *stream, struct bytes items, struct feed_copy **ret,
                    struct err *err)
{
    struct feed_item item;

    if (feed_item_next(&items, &item, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "what the authority gives is no item of a feed");
    if (!bytes_equal(x509_cert_tbs(stream->ca)->subject_key_id, item.head.ca_key_id))
        return FAIL(err, ERR_UNTRUSTED, "the feed is that of another CA");
    return feed_copy_new(x509_cert_der(stream->ca), ret, err);
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

static int take_snapshot(struct stream *stream, const struct way *way, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(feed_copy_freep) struct feed_copy *fresh = NULL;
    CLEANUP(json_freep) struct json *members = json_object_new();
    unsigned taken = 0;

    TRY(json_put_text(members, "item", "snapshot", err));
    TRY(ask(stream, way, json_steal(&members), 0, &answer, err));
    TRY(new_copy(stream, buf_bytes(&answer.body), &fresh, err));
    TRY(feed_copy_take_all(fresh, buf_bytes(&answer.body), now_of(stream), &taken, err));
    TRY(check_newer(stream, fresh, err));
    confirm(stream, fresh, taken);
    fresh = NULL;
    stream->wants_snapshot = false;
    return 0;
}

/* Those that can be believed are taken in even if one among them cannot, which confirms nothing. */
static int take_items(struct stream *stream, struct bytes items, struct err *err)
{
    unsigned taken = 0;
    int rc;

    (void)pthread_rwlock_wrlock(&stream->lock);
    rc = feed_copy_take_all(stream->copy, items, now_of(stream), &taken, err);
    stream->taken += taken;
    if (rc == 0 && taken > 0)
        stream->confirmed_at = now_of(stream);
    (void)pthread_rwlock_unlock(&stream->lock);
    TRY(rc);
    return taken > 0 ? 0 : FAIL(err, ERR_UNTRUSTED, "the authority's deltas do not follow");
}

static int take_deltas(struct stream *stream, const struct way *way, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(json_freep) struct json *members = json_object_new();
    struct feed_standing standing;
    int rc;

    feed_copy_standing(stream->copy, &standing);
    TRY(json_put_text(members, "item", "deltas", err));
    TRY(json_put_int(members, "since", standing.edition, err));
    TRY(json_put_int(members, "wait", WAIT_MS, err));
    rc = ask(stream, way, json_steal(&members), WAIT_MS, &answer, err);
    stream->wants_snapshot = rc == -ERR_ABSENT;
    if (stream->wants_snapshot)
        return take_snapshot(stream, way, err);
    TRY(rc);
    if (answer.body.len > 0)
        return take_items(stream, buf_bytes(&answer.body), err);
    confirm(stream, NULL, 0);
    return 0;
}

static int round_of(struct stream *stream, const struct way *way, struct err *err)
{
    return stream->copy == NULL || stream->wants_snapshot ? take_snapshot(stream, way, err)
                                                          : take_deltas(stream, way, err);
}

/* A CA that is not believed any more is not asked about; should it be again, it begins anew. */
static void forget(struct stream *stream)
{
    struct feed_copy *before = stream->copy;

    (void)pthread_rwlock_wrlock(&stream->lock);
    stream->copy = NULL;
    stream->confirmed_at = 0;
    (void)pthread_rwlock_unlock(&stream->lock);
    feed_copy_free(before);
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
    options->report(stream->purpose, stream->issuer,
                    rc == 0      ? FOLLOWER_CURRENT
                    : is_refused ? FOLLOWER_REFUSED
                                 : FOLLOWER_FAILED,
                    rc == 0 ? NULL : why);
}

static bool is_believed(const struct anchors *anchors, const struct x509_cert *ca)
{
    for (size_t i = 0; i < anchors_count(anchors); i++)
        if (bytes_equal(x509_cert_tbs(anchors_at(anchors, i))->spki, x509_cert_tbs(ca)->spki))
            return true;
    return false;
}

/* How the thread of a stream stands. */
struct thread {
    struct signer *signer; /* NULL until signerd was there for the first time */
    int retry_ms;          /* 0: the last round went well */
    int pause_ms;          /* until the next one */
    int before;            /* how the last round ended */
};

static int try_round(struct stream *stream, const struct platform *platform, struct thread *thread,
                     struct err *err)
{
    if (thread->signer == NULL)
        TRY(signer_open(platform->signer, &thread->signer, err));
    return round_of(stream, &(struct way){platform, thread->signer}, err);
}

static int next_retry_ms(int before_ms)
{
    if (before_ms == 0)
        return RETRY_FIRST_MS;
    return before_ms * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : before_ms * 2;
}

static void do_round(struct stream *stream, struct thread *thread)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(stream->follower->options.platforms);
    const struct platform *platform = turn_value(turn);
    struct err why = {0};
    int rc;

    if (!is_believed(anchors_for(platform, stream->purpose), stream->ca)) {
        forget(stream);
        thread->pause_ms = IDLE_MS;
        return;
    }
    rc = try_round(stream, platform, thread, &why);
    note(stream, rc, thread->before, &why);
    thread->before = rc;
    thread->retry_ms = rc == 0 ? 0 : next_retry_ms(thread->retry_ms);
    thread->pause_ms = pace_take(&stream->follower->pace, monotonic_ms());
    if (thread->pause_ms < thread->retry_ms)
        thread->pause_ms = thread->retry_ms;
}

static void *run(void *argument)
{
    struct stream *stream = argument;
    struct thread thread = {.before = 1}; /* neither 0 nor a failure */

    do
        do_round(stream, &thread);
    while (chore_rest(&stream->chore, thread.pause_ms));
    signer_close(thread.signer);
    return NULL;
}

static void stream_freep(struct stream **stream)
{
    if (*stream == NULL)
        return;
    feed_copy_free((*stream)->copy);
    x509_cert_free((*stream)->ca);
    (void)pthread_rwlock_destroy(&(*stream)->lock);
    free(*stream);
    *stream = NULL;
}

static int stream_new(struct follower *follower, enum purpose purpose, const struct x509_cert *ca,
                      struct stream **ret, struct err *err)
{
    CLEANUP(stream_freep) struct stream *stream = calloc(1, sizeof *stream);
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    if (stream == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_rwlock_init(&stream->lock, NULL);
    stream->follower = follower;
    stream->purpose = purpose;
    TRY(x509_cert_parse(x509_cert_der(ca), &stream->ca, err));
    TRY(hex_append(&issuer, x509_cert_tbs(ca)->subject_key_id, err));
    TRY(buf_text(&issuer, &text, err));
    if (strlen(text) >= sizeof stream->issuer)
        return FAIL(err, ERR_INPUT, "the key identifier of a CA is longer than 20 octets");
    (void)snprintf(stream->issuer, sizeof stream->issuer, "%s", text);
    *ret = stream;
    stream = NULL;
    return 0;
}

static int start_stream(struct follower *follower, enum purpose purpose, const struct x509_cert *ca,
                        struct err *err)
{
    CLEANUP(stream_freep) struct stream *stream = NULL;
    size_t count = atomic_load(&follower->count);

    if (count == FOLLOWER_STREAMS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d feeds to be followed", FOLLOWER_STREAMS_MAX);
    TRY(stream_new(follower, purpose, ca, &stream, err));
    TRY(chore_start(&stream->chore, run, stream, err));
    follower->streams[count] = stream;
    stream = NULL;
    atomic_store(&follower->count, count + 1);
    return 0;
}

static int add_kind(struct follower *follower, const struct platform *platform,
                    enum purpose purpose, struct err *err)
{
    const struct anchors *cas = anchors_for(platform, purpose);

    for (size_t i = 0; i < anchors_count(cas); i++) {
        if (stream_of(follower, purpose, anchors_at(cas, i)) == NULL)
            TRY(start_stream(follower, purpose, anchors_at(cas, i), err));
    }
    return 0;
}

int follower_add(struct follower *follower, const struct platform *platform, struct err *err)
{
    TRY(add_kind(follower, platform, PURPOSE_DOCUMENT, err));
    return add_kind(follower, platform, PURPOSE_LOGIN, err);
}

int follower_start(const struct follower_options *options, struct follower **ret, struct err *err)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(options->platforms);
    CLEANUP(follower_stopp) struct follower *follower = calloc(1, sizeof *follower);

    if (follower == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&follower->pace.lock, NULL);
    follower->options = *options;
    TRY(follower_add(follower, turn_value(turn), err));
    *ret = follower;
    follower = NULL;
    return 0;
}

void follower_stopp(struct follower **follower)
{
    struct follower *f = *follower;

    if (f == NULL)
        return;
    for (size_t i = 0; i < atomic_load(&f->count); i++)
        chore_tell(&f->streams[i]->chore);
    for (size_t i = 0; i < atomic_load(&f->count); i++) {
        chore_stop(&f->streams[i]->chore);
        stream_freep(&f->streams[i]);
    }
    (void)pthread_mutex_destroy(&f->pace.lock);
    free(f);
    *follower = NULL;
}

size_t follower_count(const struct follower *follower)
{
    return atomic_load(&follower->count);
}

void follower_standing(struct follower *follower, size_t index, struct follower_standing *ret)
{
    struct stream *stream = follower->streams[index];
    struct feed_standing copy = {.edition = 0};

    (void)pthread_rwlock_rdlock(&stream->lock);
    if (stream->copy != NULL)
        feed_copy_standing(stream->copy, &copy);
    *ret = (struct follower_standing){.purpose = stream->purpose,
                                      .issuer = stream->issuer,
                                      .edition = copy.edition,
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
static int look_here(const struct follower_way *way, const struct status_question *question,
                     struct report *report, struct status *ret, bool *ret_is_fresh, struct err *err)
{
    struct stream *stream = stream_of(way->follower, way->purpose, question->issuer);
    const struct feed_copy *copy = NULL;
    struct feed_list list = {&copy, 0};
    const struct status_source source = feed_status_source(&list);
    int rc;

    if (stream == NULL) {
        *ret_is_fresh = false;
        return source.look(source.context, question, report, ret, err);
    }
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

    TRY(look_here(way, question, &here, ret, &is_fresh, err));
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
