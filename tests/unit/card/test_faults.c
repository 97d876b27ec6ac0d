/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that can fail fails once: allocations, the disk, random bytes, the hash. A PIN that
 * could not be compared is not called wrong; a card on disk stays whole, and who was told that
 * something is done finds it done.
 */
#include "card/issue.h"
#include "card/state.h"
#include "card/store.h"
#include "support/failalloc.h"
#include "support/memory_card.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALLS_MAX = 1000 };

/* A card on disk, or the one in memory. */
static struct tempdir dir;
static char card_path[TEMPDIR_FILE_SIZE];
static const struct store_paths paths = {card_path, NULL};

static struct card *open_card(void)
{
    struct card *card = NULL;

    assert_int_equal(store_open(&paths, &card, NULL), 0);
    return card;
}

/* 0 if there was no answer for lack of memory. */
static uint16_t send(struct card *card, struct apdu apdu, unsigned failing)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;
    int rc;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    fail_allocation(failing);
    rc = card_apdu(card, buf_bytes(&command), &response, NULL);
    if (failing > 0 && rc == -ERR_NOMEM)
        return 0;
    assert_int_equal(rc, 0);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    return sw;
}

static bool stop_failing(void)
{
    bool met = allocation_has_failed();

    fail_allocation(0);
    return met;
}

static uint16_t verify(struct card *card, const char *pin, unsigned failing)
{
    const struct apdu select = {
        0x00, 0xa4, 0x04, 0x0c, bytes_of(applet_jpki.aid, applet_jpki.aid_len), 0, false};

    assert_int_equal(send(card, select, 0), SW_OK);
    return send(card, (struct apdu){0x00, 0x20, 0x00, 0x98, bytes_text(pin), 0, false}, failing);
}

static bool is_failure(uint16_t sw)
{
    return sw == 0 || sw == SW_MEMORY_FAILURE || sw == SW_NO_DIAGNOSIS;
}

/* A right one is never called wrong, and has all its tries again once it is accepted. */
static void a_right_pin_is_accepted_or_not_judged(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new(&storage);
    unsigned most = storage.tries[CARD_PIN_AUTH];
    bool met = true;
    unsigned nth;

    (void)state;
    for (nth = 1; met; nth++) {
        uint16_t sw = verify(card, MEMORY_CARD_AUTH_PIN, nth);

        met = stop_failing();
        assert_true(sw == SW_OK || (met && is_failure(sw)));
        assert_int_equal(storage.tries[CARD_PIN_AUTH], most);
        assert_int_equal(card->verified, sw == SW_OK ? CARD_PIN_BIT(CARD_PIN_AUTH) : 0);
    }
    assert_true(nth > 3); /* the response and the hash, at least */
}

/* Nor does a wrong one cost anything that was not compared. */
static void a_wrong_pin_costs_a_try_only_if_it_was_compared(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new(&storage);
    bool met = true;

    (void)state;
    for (unsigned nth = 1; met; nth++) {
        unsigned before = storage.tries[CARD_PIN_AUTH];
        uint16_t sw = verify(card, "0000", nth);

        met = stop_failing();
        assert_int_equal(storage.tries[CARD_PIN_AUTH], before - (is_failure(sw) ? 0 : 1));
        assert_true(is_failure(sw) ? met : sw == 0x63c0 + before - 1);
    }
    assert_int_equal(storage.tries[CARD_PIN_AUTH], 2);
}

/* On disk, where giving the try back may fail, too. */
static void a_failing_disk_gives_no_try_away(void **state)
{
    bool met = true;

    (void)state;
    for (unsigned nth = 1; met; nth++) {
        CLEANUP(card_freep) struct card *card = open_card();
        unsigned before, after;
        uint16_t sw;

        assert_int_equal(verify(card, MEMORY_CARD_AUTH_PIN, 0), SW_OK);
        before = card->tries[CARD_PIN_AUTH];
        sw = verify(card, "0000", nth);
        met = stop_failing();
        assert_true(is_failure(sw) ? met : sw == 0x63c0 + before - 1);
        card_freep(&card);
        card = open_card();
        after = card->tries[CARD_PIN_AUTH];
        assert_in_range(after, before - 1, is_failure(sw) ? before : before - 1);
        assert_true(nth < CALLS_MAX);
    }
}

static void a_pin_that_could_not_be_changed_is_the_old_one(void **state)
{
    bool met = true;

    (void)state;
    for (unsigned nth = 1; met; nth++) {
        CLEANUP(card_freep) struct card *card = open_card();
        bool is_new;
        uint16_t sw;

        assert_int_equal(verify(card, MEMORY_CARD_AUTH_PIN, 0), SW_OK);
        sw = send(card, (struct apdu){0x00, 0x24, 0x01, 0x98, BYTES_LITERAL("5678"), 0, false},
                  nth);
        met = stop_failing();
        is_new = verify(card, "5678", 0) == SW_OK;
        assert_int_equal(is_new, sw == SW_OK);
        card_freep(&card);
        card = open_card();
        assert_int_equal(verify(card, "5678", 0) == SW_OK, is_new);
        if (is_new) {
            assert_int_equal(send(card,
                                  (struct apdu){0x00, 0x24, 0x01, 0x98,
                                                bytes_text(MEMORY_CARD_AUTH_PIN), 0, false},
                                  0),
                             SW_OK);
        } else {
            assert_true(is_failure(sw));
        }
        assert_int_equal(verify(card, MEMORY_CARD_AUTH_PIN, 0), SW_OK);
        assert_true(nth < CALLS_MAX);
    }
}

static void a_card_is_made_wholly_or_can_be_made_again(void **state)
{
    char path[TEMPDIR_FILE_SIZE];
    const struct store_paths other = {tempdir_file(&dir, "other", path), NULL};
    bool met = true;

    (void)state;
    for (unsigned nth = 1; met; nth++) {
        struct card_status status;
        int rc;

        fail_allocation(nth);
        rc = store_make(&other, "A2", NULL);
        met = stop_failing();
        assert_true(met || rc == 0);
        if (access(path, F_OK) < 0) {
            assert_true(rc < 0);
            assert_int_equal(store_make(&other, "A2", NULL), 0);
        }
        assert_int_equal(store_look(&other, &status, NULL), 0);
        assert_int_equal(unlink(path), 0);
        assert_true(nth < CALLS_MAX);
    }
}

static void opening_fails_or_gives_the_whole_card(void **state)
{
    bool met = true;

    (void)state;
    for (unsigned nth = 1; met; nth++) {
        struct card *card = NULL;
        int rc;

        fail_allocation(nth);
        rc = store_open(&paths, &card, NULL);
        met = stop_failing();
        assert_int_equal(rc == 0, card != NULL);
        assert_true(met || rc == 0);
        card_free(card);
        assert_true(nth < CALLS_MAX);
    }
    card_free(open_card());
}

/* Keys take long to load, and nobody signs here. */
static int set_up(void **state)
{
    CLEANUP(card_freep) struct card *card = NULL;
    struct image image;

    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "card", card_path);
    assert_int_equal(store_make(&paths, "A1", NULL), 0);
    card = open_card();
    memory_card_image(&image);
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        privkey_freep(&image.keys[i]);
    assert_int_equal(card->storage->save_image(card->storage, &image, NULL), 0);
    image_done(&image);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tempdir_done(&dir);
    memory_card_release_keys();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_pin_is_accepted_or_not_judged),
        cmocka_unit_test(a_wrong_pin_costs_a_try_only_if_it_was_compared),
        cmocka_unit_test(a_failing_disk_gives_no_try_away),
        cmocka_unit_test(a_pin_that_could_not_be_changed_is_the_old_one),
        cmocka_unit_test(a_card_is_made_wholly_or_can_be_made_again),
        cmocka_unit_test(opening_fails_or_gives_the_whole_card),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
