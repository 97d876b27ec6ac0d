/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier's copy of a feed takes in, and what it refuses without a change. */
#include "revocation/feed_copy.h"
#include "support/feed.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* A feed whose items are kept one by one, and a copy of it. */
struct scene {
    struct test_feed feed;
    struct feed_copy *copy;
    struct buf items[8];
    size_t count;
};

static struct buf *next_item(struct scene *scene)
{
    assert_true(scene->count < sizeof scene->items / sizeof scene->items[0]);
    return &scene->items[scene->count++];
}

static void step(struct scene *scene, struct test_step change)
{
    scene->feed.now += 10;
    test_feed_step(&scene->feed, change, next_item(scene));
}

/* Item 0 is a snapshot of 100 numbers with 10 revoked, item 1 revokes 20, item 2 releases 10,
 * item 3 issues 101. */
static void begin(struct scene *scene)
{
    CLEANUP(buf_done) struct buf ignored = BUF_INIT;
    struct bytes ca = x509_cert_der(pki.certs[PROFILE_SIGN_CA]);

    *scene = (struct scene){.copy = NULL};
    test_feed_begin(&scene->feed, &pki, PROFILE_FEED_SIGN);
    test_feed_step(&scene->feed, (struct test_step){99, 10, 0}, &ignored);
    test_feed_snapshot(&scene->feed, next_item(scene));
    step(scene, (struct test_step){0, 20, 0});
    step(scene, (struct test_step){0, 0, 10});
    step(scene, (struct test_step){1, 0, 0});
    assert_int_equal(feed_copy_new(ca, &scene->copy, NULL), 0);
}

static void end(struct scene *scene)
{
    feed_copy_freep(&scene->copy);
    test_feed_done(&scene->feed);
    for (size_t i = 0; i < scene->count; i++)
        buf_done(&scene->items[i]);
}

static int take(struct scene *scene, size_t nth)
{
    struct bytes rest = buf_bytes(&scene->items[nth]);
    struct feed_item item;

    TRY(feed_item_next(&rest, &item, NULL));
    return feed_copy_take(scene->copy, &item, scene->feed.now, NULL);
}

static enum feed_answer ask(const struct scene *scene, uint32_t serial)
{
    return feed_copy_ask(scene->copy, serial, scene->feed.now);
}

static void an_empty_copy_covers_nothing(void **state)
{
    struct scene scene;
    struct feed_standing standing;

    (void)state;
    begin(&scene);
    assert_int_equal(ask(&scene, 1), FEED_NOT_COVERED);
    assert_int_equal(take(&scene, 1), -ERR_ABSENT); /* a delta leads nowhere from nothing */
    assert_int_equal(ask(&scene, 20), FEED_NOT_COVERED);
    feed_copy_standing(scene.copy, &standing);
    assert_int_equal(standing.edition, 0);
    end(&scene);
}

static void what_is_no_ca_has_no_feed(void **state)
{
    struct feed_copy *copy = NULL;

    (void)state;
    assert_int_equal(feed_copy_new(x509_cert_der(pki.certs[PROFILE_SIGN]), &copy, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(feed_copy_new(bytes_text("no certificate"), &copy, NULL), -ERR_INPUT);
    assert_null(copy);
}

static void items_are_taken_in_their_order(void **state)
{
    struct scene scene;
    struct feed_standing standing;

    (void)state;
    begin(&scene);
    assert_int_equal(take(&scene, 0), 0);
    assert_int_equal(ask(&scene, 10), FEED_REVOKED);
    assert_int_equal(ask(&scene, 20), FEED_GOOD);
    assert_int_equal(ask(&scene, 101), FEED_NOT_COVERED);
    assert_int_equal(take(&scene, 1), 0);
    assert_int_equal(ask(&scene, 20), FEED_REVOKED);
    assert_int_equal(take(&scene, 2), 0);
    assert_int_equal(ask(&scene, 10), FEED_GOOD);
    assert_int_equal(take(&scene, 3), 0);
    assert_int_equal(ask(&scene, 101), FEED_GOOD);
    assert_int_equal(ask(&scene, 102), FEED_NOT_COVERED);
    feed_copy_standing(scene.copy, &standing);
    assert_int_equal(standing.number, 3);
    assert_int_equal(standing.issued, 101);
    assert_int_equal(standing.revoked, 1);
    assert_int_equal(standing.this_update, scene.feed.now);
    end(&scene);
}

static void assert_standing(const struct scene *scene, uint32_t edition)
{
    struct feed_standing standing;

    feed_copy_standing(scene->copy, &standing);
    assert_int_equal(standing.edition, edition);
    assert_int_equal(ask(scene, 10), FEED_REVOKED);
    assert_int_equal(ask(scene, 20), FEED_REVOKED);
    assert_int_equal(ask(scene, 101), FEED_NOT_COVERED);
}

/* The copy stands at item 1, which is edition 3. */
static void nothing_is_skipped_replayed_or_taken_back(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    assert_int_equal(take(&scene, 0), 0);
    assert_int_equal(take(&scene, 2), -ERR_ABSENT); /* over one */
    assert_int_equal(take(&scene, 1), 0);
    assert_standing(&scene, 3);
    assert_int_equal(take(&scene, 1), -ERR_CONFLICT); /* again */
    assert_int_equal(take(&scene, 0), -ERR_CONFLICT); /* an older snapshot */
    assert_int_equal(take(&scene, 3), -ERR_ABSENT);   /* over one */
    assert_standing(&scene, 3);
    end(&scene);
}

/* The same number and another state: what one CA's key signs for one history fits in no other. */
static void a_delta_of_another_history_is_refused(void **state)
{
    struct scene scene;
    struct scene other;

    (void)state;
    begin(&scene);
    begin(&other);
    other.feed.now += 10;
    test_feed_step(&other.feed, (struct test_step){0, 50, 0}, next_item(&other));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(&scene, i), 0);
    step(&scene, (struct test_step){0, 60, 0});
    assert_int_equal(take(&scene, 4), 0);
    test_feed_step(&other.feed, (struct test_step){0, 61, 0}, &scene.items[scene.count++]);
    assert_int_equal(take(&scene, 5), -ERR_ABSENT);
    assert_int_equal(ask(&scene, 61), FEED_GOOD);
    assert_int_equal(ask(&scene, 60), FEED_REVOKED);
    end(&other);
    end(&scene);
}

static void an_item_of_the_other_ca_is_refused(void **state)
{
    struct scene scene;
    struct test_feed auth;

    (void)state;
    begin(&scene);
    test_feed_begin(&auth, &pki, PROFILE_FEED_AUTH);
    auth.edition = 100;
    auth.now = scene.feed.now;
    test_feed_snapshot(&auth, next_item(&scene));
    assert_int_equal(take(&scene, 0), 0);
    assert_int_equal(take(&scene, 1), 0);
    assert_int_equal(take(&scene, 4), -ERR_UNTRUSTED);
    assert_standing(&scene, 3);
    test_feed_done(&auth);
    end(&scene);
}

/* Signed by the right key, and not what the head says: the signer's fault must not get in. */
static void a_body_that_is_another_state_is_refused(void **state)
{
    struct scene scene;
    struct feed_draft draft;
    struct feed_frame frame = {
        .ca_key_id = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->subject_key_id,
        .signer_key_id = x509_cert_tbs(pki.certs[PROFILE_FEED_SIGN])->subject_key_id,
        .edition = 50,
    };
    uint32_t serial = 30;
    struct feed_change change = {3, 1, 101, false, {.count = 0}, &serial, 1, NULL, 0};
    struct digest from;
    struct feed_step wrong = {.change = &change};

    (void)state;
    begin(&scene);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(&scene, i), 0);
    frame.this_update = scene.feed.now;
    frame.next_update = scene.feed.now + 60;
    assert_int_equal(feed_state_digest(&scene.feed.state, frame.ca_key_id, &from, NULL), 0);
    wrong.from = (struct feed_point){3, digest_bytes(&from)};
    wrong.to = wrong.from;
    assert_int_equal(feed_draft_delta(&frame, &wrong, &draft, NULL), 0);
    test_feed_sign(&scene.feed, &draft, next_item(&scene));
    assert_int_equal(take(&scene, 4), -ERR_UNTRUSTED);
    assert_int_equal(ask(&scene, 30), FEED_GOOD);
    assert_int_equal(ask(&scene, 20), FEED_REVOKED);
    /* The real next one still fits. */
    step(&scene, (struct test_step){0, 30, 0});
    assert_int_equal(take(&scene, 5), 0);
    assert_int_equal(ask(&scene, 30), FEED_REVOKED);
    feed_draft_done(&draft);
    end(&scene);
}

static void an_item_from_the_future_is_refused(void **state)
{
    struct scene scene;
    struct bytes rest;
    struct feed_item item;

    (void)state;
    begin(&scene);
    rest = buf_bytes(&scene.items[0]);
    assert_int_equal(feed_item_next(&rest, &item, NULL), 0);
    assert_int_equal(feed_copy_take(scene.copy, &item, item.head.this_update - FEED_SKEW - 1, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(feed_copy_take(scene.copy, &item, item.head.this_update - FEED_SKEW, NULL), 0);
    end(&scene);
}

static void an_old_copy_covers_nothing(void **state)
{
    struct scene scene;
    int64_t at = TEST_PKI_NOW;

    (void)state;
    begin(&scene);
    assert_int_equal(take(&scene, 0), 0);
    assert_int_equal(feed_copy_ask(scene.copy, 10, at + TEST_FEED_SECONDS), FEED_REVOKED);
    assert_int_equal(feed_copy_ask(scene.copy, 10, at + TEST_FEED_SECONDS + 1), FEED_NOT_COVERED);
    assert_int_equal(feed_copy_ask(scene.copy, 10, at - FEED_SKEW), FEED_REVOKED);
    assert_int_equal(feed_copy_ask(scene.copy, 10, at - FEED_SKEW - 1), FEED_NOT_COVERED);
    end(&scene);
}

/* In any order, with items of the other CA, with one that is forged: as far as it goes. */
static void of_many_items_those_are_taken_that_lead_on(void **state)
{
    static const size_t order[] = {3, 1, 0, 2};
    CLEANUP(buf_done) struct buf all = BUF_INIT;
    struct scene scene;
    struct test_feed auth;
    unsigned taken = 0;

    (void)state;
    begin(&scene);
    test_feed_begin(&auth, &pki, PROFILE_FEED_AUTH);
    test_feed_snapshot(&auth, &all);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(buf_append(&all, buf_bytes(&scene.items[order[i]]), NULL), 0);
    assert_int_equal(feed_copy_take_all(scene.copy, buf_bytes(&all), scene.feed.now, &taken, NULL),
                     0);
    assert_int_equal(taken, 4);
    assert_int_equal(ask(&scene, 101), FEED_GOOD);
    /* The same again: nothing is new, and nothing is wrong. */
    assert_int_equal(feed_copy_take_all(scene.copy, buf_bytes(&all), scene.feed.now, &taken, NULL),
                     0);
    assert_int_equal(taken, 0);
    step(&scene, (struct test_step){0, 30, 0});
    step(&scene, (struct test_step){0, 31, 0});
    scene.items[5].ptr[scene.items[5].len - 1] ^= 1;
    buf_clear(&all);
    assert_int_equal(buf_append(&all, buf_bytes(&scene.items[5]), NULL), 0);
    assert_int_equal(buf_append(&all, buf_bytes(&scene.items[4]), NULL), 0);
    assert_int_equal(feed_copy_take_all(scene.copy, buf_bytes(&all), scene.feed.now, &taken, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(taken, 1);
    assert_int_equal(ask(&scene, 30), FEED_REVOKED);
    assert_int_equal(ask(&scene, 31), FEED_GOOD);
    test_feed_done(&auth);
    end(&scene);
}

/* A day's delta beside the small ones leads to the same state. */
static void a_delta_may_stand_for_several(void **state)
{
    CLEANUP(feed_state_done) struct feed_state before = {.revoked = NULL};
    CLEANUP(feed_change_done) struct feed_change day = {.number = 0};
    struct scene scene;

    (void)state;
    begin(&scene);
    assert_int_equal(take(&scene, 0), 0);
    /* The states of item 0 and of item 3. */
    assert_int_equal(feed_state_init(&before, NULL), 0);
    before.issued = 100;
    before.number = 1;
    assert_int_equal(serial_set_add(before.revoked, 10, NULL), 0);
    assert_int_equal(feed_state_compare(&before, &scene.feed.state, &day, NULL), 0);
    assert_int_equal(day.added_count, 1);
    assert_int_equal(day.released_count, 1);
    feed_state_done(&scene.feed.state);
    scene.feed.state = before;
    before.revoked = NULL;
    test_feed_change(&scene.feed, &day, next_item(&scene));
    assert_int_equal(take(&scene, 4), 0);
    assert_int_equal(ask(&scene, 10), FEED_GOOD);
    assert_int_equal(ask(&scene, 20), FEED_REVOKED);
    assert_int_equal(ask(&scene, 101), FEED_GOOD);
    assert_int_equal(take(&scene, 3), -ERR_CONFLICT);
    step(&scene, (struct test_step){0, 40, 0});
    assert_int_equal(take(&scene, 5), 0);
    end(&scene);
}

/* A long random history, delta by delta, beside a plain bitmap. */
static void a_long_history_is_followed_exactly(void **state)
{
    enum { STEPS = 400, SERIALS = 70000 };
    static uint8_t revoked[SERIALS + 1];
    struct scene scene;
    uint32_t seed = 7;

    (void)state;
    begin(&scene);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(&scene, i), 0);
    scene.count = 3;
    test_feed_step(&scene.feed, (struct test_step){SERIALS - 101, 0, 0}, &scene.items[4]);
    assert_int_equal(take(&scene, 4), 0);
    memset(revoked, 0, sizeof revoked);
    revoked[20] = 1;
    for (unsigned i = 0; i < STEPS; i++) {
        CLEANUP(buf_done) struct buf item = BUF_INIT;
        struct bytes rest;
        struct feed_item read;
        uint32_t serial;

        seed = seed * 1664525 + 1013904223;
        serial = 1 + (seed >> 8) % SERIALS;
        scene.feed.now++;
        test_feed_step(
            &scene.feed,
            (struct test_step){0, revoked[serial] ? 0 : serial, revoked[serial] ? serial : 0},
            &item);
        revoked[serial] ^= 1;
        rest = buf_bytes(&item);
        assert_int_equal(feed_item_next(&rest, &read, NULL), 0);
        assert_int_equal(feed_copy_take(scene.copy, &read, scene.feed.now, NULL), 0);
    }
    for (uint32_t serial = 1; serial <= SERIALS; serial++)
        assert_int_equal(ask(&scene, serial), revoked[serial] ? FEED_REVOKED : FEED_GOOD);
    buf_done(&scene.items[4]);
    scene.count = 4;
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_copy_covers_nothing),
        cmocka_unit_test(what_is_no_ca_has_no_feed),
        cmocka_unit_test(items_are_taken_in_their_order),
        cmocka_unit_test(nothing_is_skipped_replayed_or_taken_back),
        cmocka_unit_test(a_delta_of_another_history_is_refused),
        cmocka_unit_test(an_item_of_the_other_ca_is_refused),
        cmocka_unit_test(a_body_that_is_another_state_is_refused),
        cmocka_unit_test(an_item_from_the_future_is_refused),
        cmocka_unit_test(an_old_copy_covers_nothing),
        cmocka_unit_test(of_many_items_those_are_taken_that_lead_on),
        cmocka_unit_test(a_delta_may_stand_for_several),
        cmocka_unit_test(a_long_history_is_followed_exactly),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
