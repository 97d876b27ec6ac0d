/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The copy of each feed is what has been told: it is read from the kept items at the beginning, and
 * dropped whenever something failed on the way, so that it never is ahead of them.
 */
#include "authority/feed/feed.h"

#include "authority/feed/change.h"
#include "authority/feed/store.h"
#include "revocation/feed_copy.h"
#include "revocation/feed_draft.h"

#include <pthread.h>
#include <stdlib.h>

enum { HOUR_SECONDS = 3600 };

/* The feed of one generation of a CA. */
struct feed {
    const struct ca *ca;
    char key[RPC_NAME_MAX + 1];  /* that signs it, at signerd */
    struct record signer;        /* the certificate of its key; empty before it was asked for */
    struct x509_cert *appointed; /* the same, parsed */
    struct feed_copy *copy;      /* NULL: not read yet, or not to be relied on */
    int64_t snapshot_at;         /* thisUpdate of the last snapshot */
};

struct feed_maker {
    struct feed_options options;
    pthread_mutex_t at_work;
    struct feed feeds[CA_KINDS_ * GENERATIONS_MAX];
    size_t count;
};

/* One run. */
struct run {
    const struct feed_maker *maker;
    struct signer *signer;
    const struct feed_work *work;
    struct feed *feed;
    int64_t now;
    unsigned items;
};

/* Generation by generation: what an older one waits for is not in the hands of a newer one. */
static int add_feeds(struct feed_maker *maker, struct err *err)
{
    const struct feed_options *options = &maker->options;

    for (unsigned generation = 1; generation <= GENERATIONS_MAX; generation++)
        for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
            struct feed *feed = &maker->feeds[maker->count];
            const struct ca *ca = authority_ca(options->authority, (enum ca_kind)kind, generation);

            if (ca == NULL)
                continue;
            *feed = (struct feed){.ca = ca, .signer = RECORD_INIT};
            TRY(generation_name(options->keys[kind], generation, feed->key, sizeof feed->key, err));
            maker->count++;
        }
    return 0;
}

int feed_maker_new(const struct feed_options *options, struct feed_maker **ret, struct err *err)
{
    struct feed_maker *maker = calloc(1, sizeof *maker);

    if (maker == NULL)
        return FAIL_NOMEM(err);
    maker->options = *options;
    (void)pthread_mutex_init(&maker->at_work, NULL);
    if (add_feeds(maker, err) < 0) {
        feed_maker_free(maker);
        return -ERR_INPUT;
    }
    *ret = maker;
    return 0;
}

void feed_maker_free(struct feed_maker *maker)
{
    if (maker == NULL)
        return;
    for (size_t i = 0; i < maker->count; i++) {
        record_done(&maker->feeds[i].signer);
        x509_cert_free(maker->feeds[i].appointed);
        feed_copy_free(maker->feeds[i].copy);
    }
    (void)pthread_mutex_destroy(&maker->at_work);
    free(maker);
}

void feed_maker_freep(struct feed_maker **maker)
{
    feed_maker_free(*maker);
    *maker = NULL;
}

static const struct authority *authority_of(const struct run *run)
{
    return run->maker->options.authority;
}

static const struct x509_cert *ca_of(const struct run *run)
{
    return run->feed->ca->certificate;
}

static struct feed_id id_of(const struct run *run)
{
    return (struct feed_id){run->feed->ca->kind, run->feed->ca->generation};
}

static int appoint(const struct run *run, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *before = NULL;
    struct responder_request request = {.kind = run->feed->ca->kind,
                                        .generation = run->feed->ca->generation,
                                        .by = &run->work->by,
                                        .is_renewal = run->feed->appointed != NULL};

    TRY(signer_public(run->signer, run->feed->key, &spki, err));
    request.spki = buf_bytes(&spki);
    TRY(authority_issue_feed_signer(authority_of(run), run->signer, &request, &run->feed->signer,
                                    err));
    before = run->feed->appointed;
    run->feed->appointed = NULL;
    return x509_cert_parse(buf_bytes(&run->feed->signer.certificate), &run->feed->appointed, err);
}

/*
 * Have the key of the feed appointed, once for each run of the program and again before its
 * certificate ends; without a new one the old one is good for as long as it lasts.
 */
static int have_signer(const struct run *run, struct err *err)
{
    const struct x509_cert *now = run->feed->appointed;
    int rc;

    if (now != NULL && run->now < x509_cert_tbs(now)->not_after - APPOINTMENT_RENEW_S)
        return 0;
    rc = appoint(run, err);
    return now != NULL && now == run->feed->appointed && run->now < x509_cert_tbs(now)->not_after
               ? 0
               : rc;
}

/* The frame of a new edition. */
static int new_frame(const struct run *run, struct feed_frame *ret, struct err *err)
{
    struct feed_frame frame = {
        .ca_key_id = x509_cert_tbs(ca_of(run))->subject_key_id,
        .signer_key_id = x509_cert_tbs(run->feed->appointed)->subject_key_id,
        .algorithm = pubkey_kind(x509_cert_pubkey(run->feed->appointed)),
        .this_update = run->now,
        .next_update = run->now + (int64_t)FEED_HOURS * HOUR_SECONDS,
    };

    TRY(authority_take_feed_edition(authority_of(run)->store, run->feed->ca->kind, &frame.edition,
                                    err));
    *ret = frame;
    return 0;
}

/* Have it signed, take it into that copy as everybody else does, and keep it. */
static int tell(struct run *run, const struct feed_draft *draft, struct feed_copy *copy,
                struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct bytes rest;
    struct feed_item item;

    TRY(signer_sign(run->signer, run->feed->key, SIGNER_FEED, buf_bytes(&draft->head), &signature,
                    err));
    TRY(feed_item_assemble(buf_bytes(&draft->head), buf_bytes(&signature),
                           buf_bytes(&run->feed->signer.certificate), buf_bytes(&draft->body), &der,
                           err));
    rest = buf_bytes(&der);
    TRY(feed_item_next(&rest, &item, err));
    TRY(err_prefix(err, feed_copy_take(copy, &item, run->now, err), "what signerd signed"));
    TRY(authority_add_feed_item(authority_of(run)->store, id_of(run), &item, &run->work->by, err));
    run->items++;
    return 0;
}

static int tell_snapshot(struct run *run, const struct feed_state *state, struct err *err)
{
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};
    struct feed_frame frame;

    TRY(new_frame(run, &frame, err));
    TRY(feed_draft_snapshot(&frame, state, &draft, err));
    TRY(tell(run, &draft, run->feed->copy, err));
    run->feed->snapshot_at = run->now;
    return 0;
}

static int tell_change(struct run *run, struct feed_copy *copy, const struct feed_change *change,
                       struct err *err)
{
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};
    struct feed_step step = {.from = feed_copy_point(copy), .change = change};
    struct feed_frame frame;
    struct digest after;

    TRY(new_frame(run, &frame, err));
    TRY(feed_state_digest_after(feed_copy_state(copy), change, frame.ca_key_id, &after, err));
    step.to = (struct feed_point){change->number, digest_bytes(&after)};
    TRY(feed_draft_delta(&frame, &step, &draft, err));
    return tell(run, &draft, copy, err);
}

static int new_copy(const struct run *run, struct feed_copy **ret, struct err *err)
{
    return feed_copy_new(x509_cert_der(ca_of(run)), ret, err);
}

/* Into a copy the last snapshot, and all that follows. */
static int read_items(const struct run *run, struct feed_copy *copy, bool with_deltas,
                      struct err *err)
{
    struct authority_store *store = authority_of(run)->store;
    struct feed_standing standing;
    uint32_t edition;

    CLEANUP(buf_done) struct buf items = BUF_INIT;
    TRY(authority_get_feed_snapshot(store, id_of(run), &edition, &items, err));
    for (;;) {
        unsigned taken = 0;

        TRY(feed_copy_take_all(copy, buf_bytes(&items), INT64_MAX / 2, &taken, err));
        buf_done(&items);
        feed_copy_standing(copy, &standing);
        if (taken == 0 || !with_deltas)
            return 0;
        TRY(authority_list_feed_deltas(store, id_of(run), standing.edition, &items, err));
    }
}

/* A feed that begins, also for those who followed the one before: from the database alone. */
static int begin(struct run *run, struct err *err)
{
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};

    feed_copy_freep(&run->feed->copy);
    TRY(new_copy(run, &run->feed->copy, err));
    TRY(feed_state_of(authority_of(run), run->feed->ca, &state, err));
    return tell_snapshot(run, &state, err);
}

static int load(struct run *run, struct err *err)
{
    struct feed_standing standing;

    TRY(new_copy(run, &run->feed->copy, err));
    TRY(read_items(run, run->feed->copy, false, err));
    feed_copy_standing(run->feed->copy, &standing);
    run->feed->snapshot_at = standing.this_update;
    feed_copy_freep(&run->feed->copy);
    TRY(new_copy(run, &run->feed->copy, err));
    return read_items(run, run->feed->copy, true, err);
}

/* The delta from the last snapshot to what is told now, for those who come once a day. */
static int tell_day(struct run *run, struct err *err)
{
    CLEANUP(feed_copy_freep) struct feed_copy *old = NULL;
    CLEANUP(feed_change_done) struct feed_change change = {.number = 0};

    TRY(new_copy(run, &old, err));
    TRY(read_items(run, old, false, err));
    TRY(feed_state_compare(feed_copy_state(old), feed_copy_state(run->feed->copy), &change, err));
    if (change.added_count > FEED_CHANGES_MAX || change.released_count > FEED_CHANGES_MAX ||
        bytes_equal(feed_copy_point(old).digest, feed_copy_point(run->feed->copy).digest))
        return 0;
    return tell_change(run, old, &change, err);
}

/* ERR_CONFLICT if there are more than a delta can have. */
static int tell_changes(struct run *run, bool is_snapshot_due, struct err *err)
{
    CLEANUP(feed_change_done) struct feed_change change = {.number = 0};
    struct feed_standing standing;
    bool has_changed;

    feed_copy_standing(run->feed->copy, &standing);
    TRY(feed_change_since(authority_of(run), run->feed->ca, feed_copy_state(run->feed->copy),
                          &change, &has_changed, err));
    if (is_snapshot_due)
        TRY(feed_change_raise_first(authority_of(run), run->feed->ca, run->now, &change,
                                    &has_changed, err));
    if (!has_changed && run->now - standing.this_update < FEED_BEAT_S)
        return 0;
    return tell_change(run, run->feed->copy, &change, err);
}

/* A clock that was set back by more than others tolerate: what was told is of the future. */
static bool is_behind(const struct run *run)
{
    struct feed_standing standing;

    feed_copy_standing(run->feed->copy, &standing);
    return run->now + FEED_SKEW < standing.this_update;
}

static int bring_up(struct run *run, struct err *err)
{
    struct feed *feed = run->feed;
    struct feed_standing standing;
    bool is_due;
    int rc = 0;

    TRY(have_signer(run, err));
    if (feed->copy == NULL)
        rc = load(run, err);
    if (rc == -ERR_ABSENT || rc == -ERR_UNTRUSTED || rc == -ERR_INPUT ||
        (rc == 0 && is_behind(run)))
        return begin(run, err);
    TRY(rc);
    feed_copy_standing(feed->copy, &standing);
    run->now = run->now < standing.this_update ? standing.this_update : run->now;
    is_due = run->work->is_snapshot_due || feed->snapshot_at < run->work->planned;
    rc = tell_changes(run, is_due, err);
    if (rc == -ERR_CONFLICT) /* more than a delta can have */
        return begin(run, err);
    TRY(rc);
    if (!is_due)
        return 0;
    TRY(tell_day(run, err));
    return tell_snapshot(run, feed_copy_state(feed->copy), err);
}

/* What a generation said last is said for good when its CA is over. */
static bool is_over(const struct run *run)
{
    return run->now > x509_cert_tbs(ca_of(run))->not_after;
}

/* All of them, whatever becomes of one; the first failure is told at the end. */
static int run_all(struct run *run, struct feed_maker *maker, struct err *err)
{
    int failed = 0;

    for (size_t i = 0; i < maker->count; i++) {
        struct err why = {0};
        int rc;

        run->feed = &maker->feeds[i];
        run->now = clock_now(maker->options.authority->clock);
        rc = is_over(run) ? 0 : bring_up(run, &why);
        if (rc < 0)
            feed_copy_freep(&run->feed->copy);
        if (rc < 0 && failed == 0)
            failed = err_prefix(err, err_copy(err, &why), "the feed of the %s CA, generation %u",
                                ca_kind_name(run->feed->ca->kind), run->feed->ca->generation);
    }
    return failed;
}

int feed_maker_run(struct feed_maker *maker, struct signer *signer, const struct feed_work *work,
                   unsigned *ret_items, struct err *err)
{
    struct run run = {.maker = maker, .signer = signer, .work = work};
    int rc;

    (void)pthread_mutex_lock(&maker->at_work);
    rc = run_all(&run, maker, err);
    (void)pthread_mutex_unlock(&maker->at_work);
    *ret_items = run.items;
    return rc;
}
