/* SPDX-License-Identifier: Apache-2.0 */
/* A memory card and the commands that tests of many files send to it. */
#pragma once

#include "iso7816/apdu.h"
#include "iso7816/sw.h"
#include "support/memory_card.h"

struct card_bench {
    struct memory_storage storage;
    struct card *card;
    struct buf data; /* of the last answer */
};

/* For cmocka; *state is a struct card_bench with a personalised card of plastic. */
int card_bench_set_up(void **state);
int card_bench_tear_down(void **state);
int card_bench_release_keys(void **state);

/* Each gives the status word; data comes with 9000 only, which is asserted. */
uint16_t bench_bytes(struct card_bench *bench, struct bytes command);
uint16_t bench_send(struct card_bench *bench, const char *hex);
uint16_t bench_apdu(struct card_bench *bench, struct apdu apdu);
uint16_t bench_verify(struct card_bench *bench, uint8_t p2, const char *pin);
/* Asserts that it works. */
void bench_select(struct card_bench *bench, const struct applet *applet);
void bench_options(struct card_bench *bench, const char *text);
/* P2 of a PIN's short identifier, in its own applet. */
uint8_t bench_pin_p2(enum card_pin pin);

#define assert_sw(bench, hex, sw) assert_int_equal(bench_send((bench), (hex)), (sw))
#define card_bench_test(name)                                                                      \
    cmocka_unit_test_setup_teardown(name, card_bench_set_up, card_bench_tear_down)
