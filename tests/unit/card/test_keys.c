/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the card: what signs what, and that none of them ever leaves it (S236). */
#include "card/state.h"
#include "crypto/pubkey.h"
#include "support/card_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_signed(struct card_bench *bench, enum card_key which, const char *message)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct digest digest;

    assert_int_equal(bench->data.len, 256);
    assert_int_equal(privkey_spki(memory_card_key(which), &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(message), &digest, NULL), 0);
    assert_int_equal(pubkey_verify(key, &digest, buf_bytes(&bench->data), NULL), 0);
}

/* card.md 4.2: P2=00 */
static void two_applets_sign_without_a_pin(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench,
              "802A0300026869"
              "00",
              0x6A86); /* no applet */
    bench_select(bench, &applet_jpki);
    assert_sw(bench,
              "802A0300026869"
              "00",
              0x6A86); /* it has no such key */
    bench_select(bench, &applet_common);
    assert_sw(bench,
              "802A0300026869"
              "00",
              0x6A86);
    bench_select(bench, &applet_text);
    assert_sw(bench,
              "802A0600026869"
              "00",
              0x6A86); /* no such scheme */
    assert_sw(bench, "802A030000", 0x6700);
    assert_sw(bench,
              "802A0300026869"
              "00",
              0x9000);
    assert_signed(bench, CARD_KEY_TEXT, "hi");
    assert_sw(bench,
              "802A0393026869"
              "00",
              0x9000); /* by its name */
    assert_signed(bench, CARD_KEY_TEXT, "hi");
    bench_select(bench, &applet_visual);
    assert_sw(bench,
              "802A0300026869"
              "00",
              0x9000);
    assert_signed(bench, CARD_KEY_VISUAL, "hi");
    privkey_freep(&bench->card->image.keys[CARD_KEY_VISUAL]);
    assert_sw(bench,
              "802A0300026869"
              "00",
              0x6985); /* no key was made */
}

/* card.md 3.5, 4.1 */
static void the_common_applet_proves_that_it_is_there(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench,
              "00880080026869"
              "00",
              0x6985); /* no applet */
    bench_select(bench, &applet_text);
    assert_sw(bench,
              "00880080026869"
              "00",
              0x6985);
    bench_select(bench, &applet_common);
    assert_sw(bench,
              "00880080026869"
              "00",
              0x6986); /* no key selected */
    assert_sw(bench,
              "00880180026869"
              "00",
              0x6A86);
    assert_sw(bench,
              "00880000026869"
              "00",
              0x6A86);
    assert_sw(bench,
              "0088009C026869"
              "00",
              0x6981);                      /* a PIN */
    assert_sw(bench, "0088009900", 0x6700); /* no challenge */
    assert_sw(bench,
              "00880099026869"
              "10",
              0x6700); /* no room for a signature */
    assert_sw(bench,
              "802A0399026869"
              "00",
              0x6985); /* it signs nothing else */
    assert_sw(bench,
              "00880099026869"
              "00",
              0x9000);
    assert_signed(bench, CARD_KEY_COMMON, "hi");
    assert_sw(bench, "00A4020C020019", 0x9000);
    assert_sw(bench,
              "00880080026869"
              "00",
              0x9000);
    assert_signed(bench, CARD_KEY_COMMON, "hi");
    privkey_freep(&bench->card->image.keys[CARD_KEY_COMMON]);
    assert_sw(bench,
              "00880099026869"
              "00",
              0x6985);
}

static void the_salt_of_pss_has_the_length_chosen(void **state)
{
    static const char *const salts[] = {"pss-salt=0", "pss-salt=32", "pss-salt=222"};
    struct card_bench *bench = *state;

    for (size_t i = 0; i < sizeof salts / sizeof salts[0]; i++) {
        CLEANUP(buf_done) struct buf first = BUF_INIT;

        bench_options(bench, salts[i]);
        bench_select(bench, &applet_text);
        assert_sw(bench,
                  "802A0500026869"
                  "00",
                  0x9000);
        assert_int_equal(bench->data.len, 256);
        assert_int_equal(buf_copy(buf_bytes(&bench->data), &first, NULL), 0);
        assert_sw(bench,
                  "802A0500026869"
                  "00",
                  0x9000);
        /* Without salt PSS is a function of the message. */
        assert_int_equal(bytes_equal(buf_bytes(&first), buf_bytes(&bench->data)), i == 0);
    }
}

/* card.md 4.1: JICSAP's CHANGE KEY for the two IEFs 001C, which have counters of their own. */
static void the_juki_pins_are_changed_each_for_itself(void **state)
{
    struct card_bench *bench = *state;

    bench_select(bench, &applet_text);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_TEXT_PIN), SW_OK);
    assert_sw(bench, "803200910439393939", 0x6985); /* not there */
    bench_select(bench, &applet_common);
    assert_sw(bench, "8032009C0439393939", 0x6982);
    assert_sw(bench, "8032019C0439393939", 0x6A86);
    assert_sw(bench, "803200800439393939", 0x6986);
    assert_int_equal(bench_verify(bench, 0x9c, MEMORY_CARD_JUKI_PIN), SW_OK);
    assert_sw(bench, "8032009C", 0x6700);
    assert_sw(bench,
              "80320099"
              "0439393939",
              0x6981); /* the key */
    assert_sw(bench, "8032009C0439393939", 0x9000);
    assert_int_equal(bench_verify(bench, 0x9c, MEMORY_CARD_JUKI_PIN), 0x63C2);
    assert_int_equal(bench_verify(bench, 0x9c, "9999"), SW_OK);
    bench_select(bench, &applet_juki);
    assert_int_equal(bench_verify(bench, 0x9c, "9999"), 0x63C2);
    assert_int_equal(bench_verify(bench, 0x9c, MEMORY_CARD_JUKI_PIN), SW_OK);
    assert_sw(bench, "00A4020C02001C", 0x9000);
    assert_sw(bench, "803200800438383838", 0x9000);
    assert_int_equal(bench_verify(bench, 0x9c, "8888"), SW_OK);
}

enum { PRIVATE_OFFSET = 320, WINDOW = 16 }; /* behind the modulus in a PrivateKeyInfo of RSA-2048 */

/* No 16 bytes in a row of the private half of any key. */
static void assert_nothing_private(struct bytes answer, const struct secret ders[CARD_KEYS_])
{
    for (size_t at = 0; at + WINDOW <= answer.len; at++) {
        for (int key = 0; key < CARD_KEYS_; key++)
            assert_null(memmem(ders[key].ptr + PRIVATE_OFFSET, ders[key].len - PRIVATE_OFFSET,
                               answer.ptr + at, WINDOW));
    }
}

/* Every instruction with everything that is allowed, and all that it could be about. */
static void ask_everything(struct card_bench *bench, const struct secret ders[CARD_KEYS_])
{
    static const uint8_t classes[] = {0x00, 0x80};
    static const uint8_t p2s[] = {0x00, 0x80, 0x93, 0x97, 0x99, 0x9a};

    for (unsigned ins = 0; ins < 0x100; ins++) {
        for (size_t i = 0; i < sizeof classes * sizeof p2s; i++) {
            struct apdu apdu = {classes[i % 2],    (uint8_t)ins, 0x00, p2s[i / 2],
                                bytes_of(NULL, 0), APDU_NE_MAX,  true};

            (void)bench_apdu(bench, apdu);
            assert_nothing_private(buf_bytes(&bench->data), ders);
            apdu.data = BYTES_LITERAL("\x00\x17");
            (void)bench_apdu(bench, apdu);
            if (ins != 0x2a && ins != 0x88) /* a signature is as long as a search is dull */
                assert_nothing_private(buf_bytes(&bench->data), ders);
        }
    }
}

static void no_command_gives_a_private_key(void **state)
{
    struct card_bench *bench = *state;
    struct secret ders[CARD_KEYS_];

    for (int key = 0; key < CARD_KEYS_; key++)
        assert_int_equal(privkey_export(memory_card_key((enum card_key)key), &ders[key], NULL), 0);
    for (size_t a = 0; applets[a] != NULL; a++) {
        for (size_t i = 0; i < applets[a]->node_count; i++) {
            const struct node *node = &applets[a]->nodes[i];
            const uint8_t fid[2] = {(uint8_t)(node->fid >> 8), (uint8_t)node->fid};

            if (node->kind != NODE_KEY && node->kind != NODE_OPAQUE)
                continue;
            bench_select(bench, applets[a]);
            for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
                if (card_node_applet(NODE_PIN, pin) == applets[a] &&
                    memory_card_pin((enum card_pin)pin) != NULL)
                    assert_int_equal(bench_verify(bench, bench_pin_p2((enum card_pin)pin),
                                                  memory_card_pin((enum card_pin)pin)),
                                     SW_OK);
            }
            assert_int_equal(bench_apdu(bench, (struct apdu){0x00, 0xa4, 0x02, 0x0c,
                                                             BYTES_ARRAY(fid), 0, false}),
                             SW_OK);
            ask_everything(bench, ders);
        }
    }
    for (int key = 0; key < CARD_KEYS_; key++)
        secret_done(&ders[key]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_bench_test(two_applets_sign_without_a_pin),
        card_bench_test(the_common_applet_proves_that_it_is_there),
        card_bench_test(the_salt_of_pss_has_the_length_chosen),
        card_bench_test(the_juki_pins_are_changed_each_for_itself),
        card_bench_test(no_command_gives_a_private_key),
    };

    return cmocka_run_group_tests(tests, NULL, card_bench_release_keys);
}
