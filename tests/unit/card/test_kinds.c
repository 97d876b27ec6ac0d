/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of cards (card.md 5, 7): what each answers differently from one of plastic. */
#include "card/kind.h"

#include "card/state.h"
#include "support/card_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void only_known_kinds_have_a_name(void **state)
{
    enum card_kind kind = CARD_FACE;

    (void)state;
    assert_int_equal(card_kind_named("", &kind, NULL), -ERR_INPUT);
    assert_int_equal(card_kind_named("Plastic", &kind, NULL), -ERR_INPUT);
    assert_int_equal(card_kind_named("plastics", &kind, NULL), -ERR_INPUT);
    assert_int_equal(kind, CARD_FACE);
    for (unsigned i = 0; i < CARD_KINDS_; i++) {
        assert_int_equal(card_kind_named(card_kind_rules((enum card_kind)i)->name, &kind, NULL), 0);
        assert_int_equal(kind, i);
    }
}

/* What is on a telephone: the JPKI applet only. */
static void become_phone(struct card_bench *bench, enum card_kind kind)
{
    struct image *image = &bench->card->image;

    image->kind = kind;
    for (unsigned i = CARD_PRESENCE + 1; i < CARD_DATA_; i++)
        buf_done(&image->data[i]);
    for (unsigned i = CARD_PIN_TEXT; i < CARD_PINS_; i++)
        image->pins[i].is_set = false;
    for (unsigned i = CARD_KEY_TEXT; i < CARD_KEYS_; i++)
        privkey_freep(&image->keys[i]);
}

static void a_telephone_shows_its_auth_certificate_to_its_holder_only(void **state)
{
    struct card_bench *bench = *state;

    become_phone(bench, CARD_ANDROID);
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00B08A0004", 0x6982);
    assert_int_equal(bench_verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), SW_OK);
    assert_sw(bench, "00B08A0004", 0x6982); /* the other PIN */
    assert_int_equal(bench_verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_sw(bench, "00B08A0004", 0x9000);
    assert_sw(bench, "00B08B0004", 0x9000); /* its CA's is free as ever */
}

static void a_telephone_has_no_other_applets(void **state)
{
    struct card_bench *bench = *state;

    become_phone(bench, CARD_ANDROID);
    assert_sw(bench, "00A4040C0AD3921000310001010408", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010402", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010401", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010100", 0x6A82);
    assert_sw(bench, "00A4040C0AD392F000260100000001", 0x9000);
}

/* card.md 4.1 */
static void only_an_iphone_knows_the_last_command(void **state)
{
    struct card_bench *bench = *state;

    for (unsigned i = 0; i < CARD_KINDS_; i++) {
        bench->card->image.kind = (enum card_kind)i;
        assert_sw(bench, "80FC0000", i == CARD_IPHONE ? 0x9000 : 0x6700);
        assert_sw(bench, "80FC00000100", 0x6700);
    }
    bench->card->image.kind = CARD_IPHONE;
    assert_sw(bench, "80FC0100", 0x6A86);
}

static void a_dead_card_fails_at_everything_for_ever(void **state)
{
    static const char *const commands[] = {
        "00A4040C0AD392F000260100000001",
        "00A4040C07A0000001510000",
        "0020009804"
        "31323334",
        "00B0860000",
        "00840000"
        "08",
        "00CA004500",
        "80FC0000",
        "FFFFFFFF",
        "00",
        "",
    };
    struct card_bench *bench = *state;
    unsigned saved;

    bench_select(bench, &applet_jpki);
    assert_int_equal(card_destroy(bench->card, NULL), 0);
    for (int resets = 0; resets < 2; resets++) {
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
            assert_sw(bench, commands[i], 0x6F00);
        card_reset(bench->card);
    }
    assert_null(bench->card->image.keys[CARD_KEY_AUTH]);
    assert_int_equal(bench->card->image.data[CARD_TEXT_NUMBER].len, 0);
    assert_string_equal(bench->card->image.serial, "TEST0000000001");
    saved = bench->storage.saved_tries;
    assert_sw(bench, "002000980430303030", 0x6F00);
    assert_int_equal(bench->storage.saved_tries, saved); /* no try is counted any more */
}

static void a_card_that_cannot_be_written_does_not_die_halfway(void **state)
{
    struct card_bench *bench = *state;

    bench->storage.is_broken = true;
    assert_int_equal(card_destroy(bench->card, NULL), -ERR_SYSTEM);
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00B08A0004", 0x9000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_known_kinds_have_a_name),
        card_bench_test(a_telephone_shows_its_auth_certificate_to_its_holder_only),
        card_bench_test(a_telephone_has_no_other_applets),
        card_bench_test(only_an_iphone_knows_the_last_command),
        card_bench_test(a_dead_card_fails_at_everything_for_ever),
        card_bench_test(a_card_that_cannot_be_written_does_not_die_halfway),
    };

    return cmocka_run_group_tests(tests, NULL, card_bench_release_keys);
}
