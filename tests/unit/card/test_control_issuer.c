/* SPDX-License-Identifier: Apache-2.0 */
/* What only the issuer's side asks of the control socket: its keys, and PINs for who forgot them.
 */
#include "card/control.h"
#include "card/state.h"
#include "http/engine.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    struct memory_storage storage;
    struct slot *slot;
    struct buf answer; /* the last one, header and all */
    const char *body;  /* in it */
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    slot_free(bench->slot);
    buf_done(&bench->answer);
    test_free(bench);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

/* The status of the answer; its body is kept. */
static unsigned ask(struct bench *bench, const char *method, const char *path, const char *body)
{
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = geteuid()}};
    const uid_t uids[] = {geteuid()};
    const struct http_server_options options = {
        .routes = control_routes, .context = bench->slot, .uids = uids, .uid_count = 1};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL,
                                       "%s %s HTTP/1.1\r\nHost: card\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Content-Length: %zu\r\n\r\n%s",
                                       method, path, strlen(body), body),
                     0);
    buf_clear(&bench->answer);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &bench->answer, NULL), 0);
    assert_int_equal(buf_text(&bench->answer, &text, NULL), 0);
    bench->body = strstr(text, "\r\n\r\n");
    assert_non_null(bench->body);
    bench->body += 4;
    return (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
}

/* VERIFY of the auth PIN in the JPKI applet, selected anew. */
static uint16_t verify(struct bench *bench, const char *pin)
{
    static const uint8_t jpki[] = {0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
    const struct apdu commands[] = {
        {.ins = 0xa4, .p1 = 0x04, .p2 = 0x0c, .data = BYTES_ARRAY(jpki)},
        {.ins = 0x20, .p2 = 0x98, .data = bytes_text(pin)},
    };
    uint16_t sw = 0;

    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf command = BUF_INIT;
        CLEANUP(buf_done) struct buf response = BUF_INIT;
        struct bytes data;
        struct err failure;

        assert_int_equal(apdu_build(&commands[i], &command, NULL), 0);
        assert_int_equal(slot_transmit(bench->slot, buf_bytes(&command), &response, &failure),
                         SLOT_ANSWERED);
        assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    }
    return sw;
}

#define DIGITS_16 "000102030405060708090a0b0c0d0e0f"
#define KEYS(version, enc, mac, dek)                                                               \
    "{\"version\":" version ",\"enc\":\"" enc "\",\"mac\":\"" mac "\",\"dek\":\"" dek "\"}"

static void issuer_keys_are_put_whole_or_not(void **state)
{
    static const char *const wrong[] = {
        "{}",
        KEYS("0", DIGITS_16, DIGITS_16, DIGITS_16),
        KEYS("128", DIGITS_16, DIGITS_16, DIGITS_16),
        KEYS("-1", DIGITS_16, DIGITS_16, DIGITS_16),
        KEYS("48", "", DIGITS_16, DIGITS_16),
        KEYS("48", DIGITS_16 "00", DIGITS_16, DIGITS_16),
        KEYS("48", DIGITS_16, DIGITS_16 DIGITS_16, DIGITS_16),
        KEYS("48", DIGITS_16, DIGITS_16, "zz0102030405060708090a0b0c0d0e0f"),
    };
    static const char good_keys[] = KEYS("48", DIGITS_16, DIGITS_16, DIGITS_16);
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(ask(bench, "POST", "/v1/issuer-keys", wrong[i]), 400);
    bench->storage.is_broken = true;
    assert_int_equal(ask(bench, "POST", "/v1/issuer-keys", good_keys), 500);
    bench->storage.is_broken = false;
    assert_false(gp_keys_are_set(&slot_lock(bench->slot)->image.issuer));
    slot_unlock(bench->slot);
    assert_int_equal(ask(bench, "POST", "/v1/issuer-keys", good_keys), 204);
    assert_true(gp_keys_are_set(&slot_lock(bench->slot)->image.issuer));
    slot_unlock(bench->slot);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_null(strstr(bench->body, DIGITS_16));
    assert_int_equal(ask(bench, "POST", "/v1/tamper", "{\"destroy\":true}"), 204);
    assert_int_equal(ask(bench, "POST", "/v1/issuer-keys", good_keys), 409);
}

static unsigned reset(struct bench *bench, const char *pin, const char *value)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    assert_int_equal(
        buf_append_format(&body, NULL, "{\"pin\":\"%s\",\"value\":\"%s\"}", pin, value), 0);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    return ask(bench, "POST", "/v1/pin-reset", text);
}

static void a_forgotten_pin_is_reset(void **state)
{
    struct bench *bench = *state;

    for (int left = 2; left >= 0; left--)
        assert_int_equal(verify(bench, "0000"), SW_TRIES_LEFT | left);
    assert_int_equal(verify(bench, MEMORY_CARD_AUTH_PIN), SW_REFERENCE_BLOCKED);
    assert_int_equal(reset(bench, "face", "4321"), 400);
    assert_int_equal(reset(bench, "auth", "432"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/pin-reset", "{\"pin\":\"auth\"}"), 400);
    assert_int_equal(verify(bench, MEMORY_CARD_AUTH_PIN), SW_REFERENCE_BLOCKED);
    assert_int_equal(reset(bench, "auth", "4321"), 204);
    assert_int_equal(verify(bench, MEMORY_CARD_AUTH_PIN), SW_TRIES_LEFT | 2);
    assert_int_equal(verify(bench, "4321"), SW_OK);
    slot_lock(bench->slot)->image.pins[CARD_PIN_SIGN].is_set = false;
    slot_unlock(bench->slot);
    assert_int_equal(reset(bench, "sign", "ABC123"), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(issuer_keys_are_put_whole_or_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_forgotten_pin_is_reset, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
