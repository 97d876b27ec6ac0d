/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/feed_copy.h"

#include "revocation/feed_body.h"

#include <stdlib.h>
#include <string.h>

struct feed_copy {
    struct x509_cert *ca;
    uint32_t edition; /* 0: nothing was taken in yet */
    int64_t this_update, next_update;
    uint8_t digest[FEED_DIGEST_SIZE]; /* of the state */
    struct feed_state state;
};

int feed_copy_new(struct bytes ca_certificate, struct feed_copy **ret, struct err *err)
{
    CLEANUP(feed_copy_freep) struct feed_copy *copy = calloc(1, sizeof *copy);
    int rc;

    if (copy == NULL)
        return FAIL_NOMEM(err);
    TRY(x509_cert_parse(ca_certificate, &copy->ca, err));
    rc = x509_cert_is_issued_by(copy->ca, copy->ca, err);
    if (rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_UNTRUSTED, "this is not the certificate of a CA");
    TRY(rc);
    *ret = copy;
    copy = NULL;
    return 0;
}

void feed_copy_free(struct feed_copy *copy)
{
    if (copy == NULL)
        return;
    feed_state_done(&copy->state);
    x509_cert_free(copy->ca);
    free(copy);
}

void feed_copy_freep(struct feed_copy **copy)
{
    feed_copy_free(*copy);
    *copy = NULL;
}

const struct x509_cert *feed_copy_ca(const struct feed_copy *copy)
{
    return copy->ca;
}

struct feed_state *feed_copy_state(struct feed_copy *copy)
{
    return &copy->state;
}

struct feed_point feed_copy_point(const struct feed_copy *copy)
{
    return (struct feed_point){copy->state.number, BYTES_ARRAY(copy->digest)};
}

static int check_time(const struct feed_copy *copy, const struct feed_head *head, int64_t now,
                      struct err *err)
{
    if (head->this_update > now + FEED_SKEW)
        return FAIL(err, ERR_UNTRUSTED, "the feed is from the future, or the clock is behind");
    if (copy->edition > 0 &&
        (head->edition <= copy->edition || head->this_update < copy->this_update))
        return FAIL(err, ERR_CONFLICT, "this item of the feed is not newer than what is there");
    return 0;
}

static int take_snapshot(struct feed_copy *copy, const struct feed_item *item, struct err *err)
{
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    struct digest digest;

    if (copy->edition > 0 && item->head.to.number < copy->state.number)
        return FAIL(err, ERR_CONFLICT, "a snapshot of the feed that lacks what is known here");
    TRY(feed_read_snapshot(item->body, item->head.to.number, &state, err));
    TRY(feed_state_digest(&state, item->head.ca_key_id, &digest, err));
    if (!bytes_equal(digest_bytes(&digest), item->head.to.digest))
        return FAIL(err, ERR_UNTRUSTED, "the snapshot of the feed is not the state it names");
    feed_state_done(&copy->state);
    copy->state = state;
    state.revoked = NULL;
    return 0;
}

static int take_delta(struct feed_copy *copy, const struct feed_item *item, struct err *err)
{
    const struct feed_expectation expected = {item->head.ca_key_id, item->head.to.digest};
    struct feed_change change;
    int rc;

    if (copy->edition == 0 || item->head.from.number != copy->state.number ||
        !bytes_equal(item->head.from.digest, BYTES_ARRAY(copy->digest)))
        return FAIL(err, ERR_ABSENT, "this delta of the feed goes on from another state");
    TRY(feed_read_delta(item->body, item->head.to.number, &change, err));
    rc = feed_state_apply(&copy->state, &change, &expected, err);
    feed_change_done(&change);
    return rc;
}

int feed_copy_take(struct feed_copy *copy, const struct feed_item *item, int64_t now,
                   struct err *err)
{
    TRY(feed_item_verify(item, copy->ca, err));
    TRY(check_time(copy, &item->head, now, err));
    TRY(item->head.is_delta ? take_delta(copy, item, err) : take_snapshot(copy, item, err));
    copy->edition = item->head.edition;
    copy->this_update = item->head.this_update;
    copy->next_update = item->head.next_update;
    memcpy(copy->digest, item->head.to.digest.ptr, FEED_DIGEST_SIZE);
    return 0;
}

/* Items that are about this CA, in ascending order of edition. */
struct items {
    struct feed_item *at;
    size_t count;
};

static void items_done(struct items *items)
{
    free(items->at);
}

static int by_edition(const void *a, const void *b)
{
    const struct feed_item *left = a;
    const struct feed_item *right = b;

    return (left->head.edition > right->head.edition) - (left->head.edition < right->head.edition);
}

static int count_items(struct bytes rest, size_t *ret, struct err *err)
{
    struct feed_item item;
    size_t count = 0;

    for (; rest.len > 0; count++) {
        *ret = count;
        TRY(feed_item_next(&rest, &item, err));
    }
    *ret = count;
    return 0;
}

/* Up to the first that cannot be read, which is the failure. */
static int collect(const struct feed_copy *copy, struct bytes rest, struct items *ret,
                   struct err *err)
{
    struct bytes own = x509_cert_tbs(copy->ca)->subject_key_id;
    size_t count = 0;
    int rc = count_items(rest, &count, err);

    ret->at = calloc(count + 1, sizeof *ret->at);
    if (ret->at == NULL)
        return FAIL_NOMEM(err);
    for (; count > 0; count--) {
        TRY(feed_item_next(&rest, &ret->at[ret->count], err));
        if (bytes_equal(ret->at[ret->count].head.ca_key_id, own))
            ret->count++;
    }
    qsort(ret->at, ret->count, sizeof *ret->at, by_edition);
    return rc;
}

/* Old ones, and deltas on another way, are nobody's fault. */
static bool is_passed_over(int rc)
{
    return rc == -ERR_CONFLICT || rc == -ERR_ABSENT;
}

/* The newest snapshot that can be taken; what it returns is where deltas behind it begin. */
static size_t take_newest(struct feed_copy *copy, const struct items *items, int64_t now,
                          unsigned *taken, struct err *failure)
{
    for (size_t i = items->count; i > 0; i--) {
        struct err why = {0};
        int rc;

        if (items->at[i - 1].head.is_delta)
            continue;
        rc = feed_copy_take(copy, &items->at[i - 1], now, &why);
        if (rc == 0) {
            ++*taken;
            return i;
        }
        if (!is_passed_over(rc))
            *failure = why;
    }
    return 0;
}

int feed_copy_take_all(struct feed_copy *copy, struct bytes items, int64_t now, unsigned *ret_taken,
                       struct err *err)
{
    CLEANUP(items_done) struct items list = {NULL, 0};
    struct err failure = {0};
    unsigned taken = 0;
    int rc = collect(copy, items, &list, &failure);

    if (rc == -ERR_NOMEM)
        return err_copy(err, &failure);
    for (size_t i = take_newest(copy, &list, now, &taken, &failure); i < list.count; i++) {
        struct err why = {0};

        if (!list.at[i].head.is_delta)
            continue;
        rc = feed_copy_take(copy, &list.at[i], now, &why);
        taken += rc == 0;
        if (rc < 0 && !is_passed_over(rc))
            failure = why;
    }
    if (ret_taken != NULL)
        *ret_taken = taken;
    return failure.kind == ERR_NONE ? 0 : err_copy(err, &failure);
}

enum feed_answer feed_copy_ask(const struct feed_copy *copy, uint32_t serial, int64_t at)
{
    if (copy->edition == 0 || at > copy->next_update || at + FEED_SKEW < copy->this_update)
        return FEED_NOT_COVERED;
    return feed_state_find(&copy->state, serial);
}

void feed_copy_standing(const struct feed_copy *copy, struct feed_standing *ret)
{
    *ret = (struct feed_standing){.edition = copy->edition};
    if (copy->edition == 0)
        return;
    ret->number = copy->state.number;
    ret->first = copy->state.first;
    ret->issued = copy->state.issued;
    ret->gaps = copy->state.gaps.count;
    ret->revoked = serial_set_count(copy->state.revoked);
    ret->this_update = copy->this_update;
    ret->next_update = copy->next_update;
    ret->memory = sizeof *copy + serial_set_memory(copy->state.revoked);
}
