/* SPDX-License-Identifier: Apache-2.0 */
/* Keys at once, and a blank card that gets all of its kind's so. */
#include "card/issue.h"
#include "card/keygen.h"
#include "card/state.h"
#include "support/made_keys.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void too_many_at_once_are_a_mistake(void **state)
{
    const enum key_kind kinds[KEYGEN_SIZE + 1] = {KEY_RSA};
    struct privkey *keys[KEYGEN_SIZE + 1] = {NULL};

    (void)state;
    assert_int_equal(keygen(kinds, keys, KEYGEN_SIZE + 1, NULL), -ERR_USAGE);
    assert_null(keys[0]);
}

/* The others are about what becomes of keys, and have theirs from the build. */
static int make_for_real(void **state)
{
    *state = getenv(MADE_KEYS_VARIABLE);
    return unsetenv(MADE_KEYS_VARIABLE);
}

static int take_made_ones(void **state)
{
    return *state == NULL ? 0 : setenv(MADE_KEYS_VARIABLE, *state, 1);
}

static void each_key_is_another(void **state)
{
    const enum key_kind kinds[] = {KEY_RSA, KEY_RSA, KEY_P384};
    struct privkey *keys[3] = {NULL};
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf second = BUF_INIT;

    (void)state;
    assert_int_equal(keygen(kinds, keys, 3, NULL), 0);
    assert_int_equal(privkey_spki(keys[0], &first, NULL), 0);
    assert_int_equal(privkey_spki(keys[1], &second, NULL), 0);
    assert_false(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    assert_int_equal(privkey_signature_size(keys[0]), 256);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(privkey_kind(keys[i]), kinds[i]);
        privkey_freep(&keys[i]);
    }
}

static void somebodys_card_gets_no_new_keys(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new(&storage);
    const struct privkey *before = card->image.keys[CARD_KEY_AUTH];

    (void)state;
    assert_int_equal(card_make_keys(card, CARD_PLASTIC, true, NULL), -ERR_CONFLICT);
    assert_ptr_equal(card->image.keys[CARD_KEY_AUTH], before);
    assert_int_equal(storage.saved_images, 0);
}

static void keys_that_cannot_be_kept_are_not_there(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new_blank(&storage);
    struct buf spki = BUF_INIT;

    (void)state;
    storage.is_broken = true;
    assert_true(card_make_keys(card, CARD_ANDROID, false, NULL) < 0);
    assert_int_equal(card_spki(card, CARD_KEY_AUTH, &spki, NULL), -ERR_ABSENT);
    assert_null(spki.ptr);
}

static unsigned keys_of(enum card_kind kind, bool with_sign)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new_blank(&storage);
    unsigned which = 0;

    assert_int_equal(card_make_keys(card, kind, with_sign, NULL), 0);
    assert_int_equal(storage.saved_images, 1);
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        CLEANUP(buf_done) struct buf spki = BUF_INIT;

        if (card_spki(card, (enum card_key)i, &spki, NULL) == 0)
            which |= 1U << i;
    }
    return which;
}

static void a_card_gets_the_keys_of_its_kind(void **state)
{
    const unsigned auth = 1U << CARD_KEY_AUTH;
    const unsigned sign = 1U << CARD_KEY_SIGN;
    const unsigned others = 1U << CARD_KEY_TEXT | 1U << CARD_KEY_VISUAL | 1U << CARD_KEY_COMMON;

    (void)state;
    assert_int_equal(keys_of(CARD_IPHONE, true), auth | sign);
    assert_int_equal(keys_of(CARD_UNDER15, false), auth | others);
    assert_int_equal(keys_of(CARD_PLASTIC, true), auth | sign | others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_at_once_are_a_mistake),
        cmocka_unit_test_setup_teardown(each_key_is_another, make_for_real, take_made_ones),
        cmocka_unit_test(somebodys_card_gets_no_new_keys),
        cmocka_unit_test(keys_that_cannot_be_kept_are_not_there),
        cmocka_unit_test(a_card_gets_the_keys_of_its_kind),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    memory_card_release_keys();
    return failed;
}
