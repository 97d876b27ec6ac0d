/* SPDX-License-Identifier: Apache-2.0 */
/* What the counter does for who forgot a PIN: a new value and all tries, in that order. */
#include "card/change.h"
#include "card/issue.h"
#include "card/state.h"
#include "iso7816/apdu.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NEW_PIN "9876"

static struct memory_storage storage;
static struct card *card;

static int set_up(void **state)
{
    (void)state;
    storage = (struct memory_storage){.is_broken = false};
    card = memory_card_new(&storage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    card_freep(&card);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

static int reset(uint32_t pins, const char *value)
{
    return card_reset_pins(card, pins, bytes_text(value), NULL);
}

static void lock(enum card_pin pin)
{
    card->tries[pin] = storage.tries[pin] = 0;
}

static int fail_tries(struct card_storage *broken, const unsigned tries[CARD_PINS_],
                      struct err *err)
{
    (void)broken, (void)tries;
    return FAIL(err, ERR_SYSTEM, "cut");
}

static void values_that_break_the_rule_are_refused(void **state)
{
    (void)state;
    lock(CARD_PIN_AUTH);
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_AUTH), "123"), -ERR_INPUT);
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_AUTH), ""), -ERR_INPUT);
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_SIGN), "ABCDEF"), -ERR_INPUT);
    assert_int_equal(card->tries[CARD_PIN_AUTH], 0);
    assert_int_equal(storage.saved_images, 0);
}

static void pins_that_are_not_there_are_not_made(void **state)
{
    (void)state;
    card->image.pins[CARD_PIN_SIGN].is_set = false;
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_SIGN), "ABC123"), -ERR_ABSENT);
    assert_int_equal(reset(0, NEW_PIN), -ERR_ABSENT);
    assert_int_equal(storage.saved_images, 0);
}

static void a_dead_card_takes_nothing(void **state)
{
    CLEANUP(gp_keys_done) struct gp_keys none = {.version = 0};

    (void)state;
    assert_int_equal(card_destroy(card, NULL), 0);
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_AUTH), NEW_PIN), -ERR_CONFLICT);
    assert_int_equal(card_put_issuer_keys(card, &none, NULL), -ERR_CONFLICT);
}

/* Cut before the value lasts: nothing changed. Cut between: the new value, and still locked. */
static void a_cut_never_gives_tries_to_the_old_value(void **state)
{
    (void)state;
    lock(CARD_PIN_AUTH);
    storage.is_broken = true;
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_AUTH), NEW_PIN), -ERR_SYSTEM);
    assert_int_equal(
        pin_check(&card->image.pins[CARD_PIN_AUTH], bytes_text(MEMORY_CARD_AUTH_PIN), NULL), 0);
    assert_int_equal(card->tries[CARD_PIN_AUTH], 0);
    storage.is_broken = false;
    storage.storage.save_tries = fail_tries;
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_AUTH), NEW_PIN), -ERR_SYSTEM);
    assert_int_equal(pin_check(&card->image.pins[CARD_PIN_AUTH], bytes_text(NEW_PIN), NULL), 0);
    assert_int_equal(card->tries[CARD_PIN_AUTH], 0);
}

static void a_locked_pin_has_its_tries_and_a_new_value(void **state)
{
    (void)state;
    lock(CARD_PIN_COMMON);
    lock(CARD_PIN_AUTH);
    card->verified = CARD_PIN_BIT(CARD_PIN_JUKI);
    assert_int_equal(reset(CARD_PIN_BIT(CARD_PIN_COMMON) | CARD_PIN_BIT(CARD_PIN_JUKI), NEW_PIN),
                     0);
    assert_int_equal(storage.tries[CARD_PIN_COMMON], 3);
    assert_int_equal(storage.tries[CARD_PIN_JUKI], 3);
    assert_int_equal(storage.tries[CARD_PIN_AUTH], 0); /* the others stay */
    assert_int_equal(pin_check(&card->image.pins[CARD_PIN_COMMON], bytes_text(NEW_PIN), NULL), 0);
    assert_int_equal(pin_check(&card->image.pins[CARD_PIN_JUKI], bytes_text(NEW_PIN), NULL), 0);
    assert_int_equal(
        pin_check(&card->image.pins[CARD_PIN_AUTH], bytes_text(MEMORY_CARD_AUTH_PIN), NULL), 0);
    assert_int_equal(card->verified, 0); /* what the old value opened is closed */
}

#define card_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_test(values_that_break_the_rule_are_refused),
        card_test(pins_that_are_not_there_are_not_made),
        card_test(a_dead_card_takes_nothing),
        card_test(a_cut_never_gives_tries_to_the_old_value),
        card_test(a_locked_pin_has_its_tries_and_a_new_value),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
