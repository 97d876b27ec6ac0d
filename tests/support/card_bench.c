/* SPDX-License-Identifier: Apache-2.0 */
#include "support/card_bench.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

int card_bench_set_up(void **state)
{
    struct card_bench *bench = test_calloc(1, sizeof *bench);

    bench->card = memory_card_new(&bench->storage);
    *state = bench;
    return 0;
}

int card_bench_tear_down(void **state)
{
    struct card_bench *bench = *state;

    card_free(bench->card);
    buf_done(&bench->data);
    test_free(bench);
    return 0;
}

int card_bench_release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

uint16_t bench_bytes(struct card_bench *bench, struct bytes command)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;

    assert_int_equal(card_apdu(bench->card, command, &response, NULL), 0);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    assert_true(sw == SW_OK || data.len == 0);
    buf_clear(&bench->data);
    assert_int_equal(buf_append(&bench->data, data, NULL), 0);
    return sw;
}

uint16_t bench_send(struct card_bench *bench, const char *hex)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;

    assert_int_equal(hex_decode(hex, &command, NULL), 0);
    return bench_bytes(bench, buf_bytes(&command));
}

uint16_t bench_apdu(struct card_bench *bench, struct apdu apdu)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    return bench_bytes(bench, buf_bytes(&command));
}

uint16_t bench_verify(struct card_bench *bench, uint8_t p2, const char *pin)
{
    return bench_apdu(bench, (struct apdu){0x00, 0x20, 0x00, p2, bytes_text(pin), 0, false});
}

void bench_select(struct card_bench *bench, const struct applet *applet)
{
    struct bytes aid = bytes_of(applet->aid, applet->aid_len);

    assert_int_equal(bench_apdu(bench, (struct apdu){0x00, 0xa4, 0x04, 0x0c, aid, 0, false}),
                     SW_OK);
}

void bench_options(struct card_bench *bench, const char *text)
{
    assert_int_equal(card_set_options(bench->card, text, NULL), 0);
}

uint8_t bench_pin_p2(enum card_pin pin)
{
    return (uint8_t)(0x80 | card_node(NODE_PIN, pin)->fid);
}
