/* SPDX-License-Identifier: Apache-2.0 */
/* The card's end of SCP03: recorded sessions of real cards, and everything that must not pass. */
#include "card/scp03.h"

#include "base/hex.h"
#include "card/limits.h"
#include "iso7816/sw.h"
#include "support/scp03_sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void bytes_from(const char *hex, struct buf *ret)
{
    buf_done(ret);
    assert_int_equal(hex_decode(hex, ret, NULL), 0);
}

static void secret_from(const char *hex, struct secret *ret)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT;

    bytes_from(hex, &raw);
    assert_int_equal(secret_copy(buf_bytes(&raw), ret, NULL), 0);
}

static void keys_from(const struct scp03_keys_row *row, struct gp_keys *ret)
{
    struct secret enc = SECRET_INIT;
    struct secret mac = SECRET_INIT;
    struct secret dek = SECRET_INIT;

    secret_from(row->enc, &enc);
    secret_from(row->mac, &mac);
    secret_from(row->dek, &dek);
    assert_int_equal(gp_keys_make((uint8_t)row->version, &enc, &mac, &dek, ret, NULL), 0);
}

/* A recorded session under way; row 2 has all protections. */
struct bench {
    const struct scp03_session_row *row;
    struct gp_keys keys;
    struct scp03 channel;
    struct buf command, plain; /* of the last one sent */
};

static void bench_done(struct bench *bench)
{
    gp_keys_done(&bench->keys);
    scp03_close(&bench->channel);
    buf_done(&bench->command);
    buf_done(&bench->plain);
}

static struct apdu parsed(struct bench *bench, const char *hex)
{
    struct apdu apdu;

    bytes_from(hex, &bench->command);
    assert_int_equal(apdu_parse(buf_bytes(&bench->command), &apdu, NULL), 0);
    return apdu;
}

static void challenge(struct bench *bench, const struct scp03_session_row *row, struct buf *ret)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    CLEANUP(buf_done) struct buf aid = BUF_INIT;
    struct apdu apdu;

    *bench = (struct bench){.row = row};
    keys_from(row->keys, &bench->keys);
    bytes_from(row->challenge, &expected);
    bytes_from(SCP03_SESSION_AID, &aid);
    bench->keys.sequence = expected.ptr[expected.len - 1];
    apdu = parsed(bench, row->initialize_update);
    assert_int_equal(
        scp03_challenge(&bench->channel, &bench->keys, buf_bytes(&aid), apdu.data, ret, NULL), 0);
}

static uint16_t authenticate(struct bench *bench, const char *hex)
{
    struct apdu apdu = parsed(bench, hex);
    uint16_t sw = 0;

    assert_int_equal(scp03_authenticate(&bench->channel, &apdu, &sw, NULL), 0);
    return sw;
}

static uint16_t unwrap(struct bench *bench, const char *hex, struct apdu *ret)
{
    struct apdu apdu = parsed(bench, hex);
    uint16_t sw = 0;

    buf_clear(&bench->plain);
    assert_int_equal(scp03_unwrap(&bench->channel, &apdu, &bench->plain, ret, &sw, NULL), 0);
    return sw;
}

static void begin(struct bench *bench, size_t row)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    challenge(bench, &scp03_sessions[row], &answer);
    assert_int_equal(authenticate(bench, bench->row->external_authenticate), SW_OK);
}

/* That nothing is left of it: not even the right command passes now. */
static void assert_closed(struct bench *bench)
{
    struct apdu apdu;

    assert_int_equal(bench->channel.state, SCP03_CLOSED);
    assert_null(bench->channel.enc.ptr);
    assert_int_equal(unwrap(bench, bench->row->get_eid, &apdu), SW_SECURITY_STATUS);
}

static void flip(const char *hex, size_t digit, char ret[160])
{
    assert_true(strlen(hex) < 160);
    strcpy(ret, hex);
    ret[digit] = ret[digit] == '0' ? '1' : '0';
}

static void an_authentication_without_a_challenge_is_refused(void **state)
{
    struct bench bench = {.row = &scp03_sessions[0]};

    (void)state;
    assert_int_equal(authenticate(&bench, bench.row->external_authenticate), SW_CONDITIONS);
    assert_closed(&bench);
    bench_done(&bench);
}

/* Each byte of it matters, and one wrong attempt is all there is. */
static void a_wrong_cryptogram_or_mac_closes_the_channel(void **state)
{
    size_t digits = strlen(scp03_sessions[0].external_authenticate);

    (void)state;
    for (size_t digit = 10; digit < digits; digit++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        struct bench bench;
        char wrong[160];

        challenge(&bench, &scp03_sessions[0], &answer);
        flip(bench.row->external_authenticate, digit, wrong);
        assert_int_equal(authenticate(&bench, wrong), SW_SECURITY_STATUS);
        assert_int_equal(authenticate(&bench, bench.row->external_authenticate), SW_CONDITIONS);
        assert_closed(&bench);
        bench_done(&bench);
    }
}

/* A right MAC over a wrong cryptogram: the session's MAC key alone does not open the channel. */
static void a_wrong_cryptogram_under_a_right_mac_is_told_apart(void **state)
{
    /* Computed with `openssl mac -cipher AES-128-CBC CMAC` from the session's S-MAC. */
    static const char *const command = "8482110010"
                                       "0000000000000000BCE708E7027FBD10";
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct bench bench;

    (void)state;
    challenge(&bench, &scp03_sessions[0], &answer);
    assert_int_equal(authenticate(&bench, command), 0x6300);
    assert_closed(&bench);
    bench_done(&bench);
}

static void malformed_authentications_are_refused(void **state)
{
    static const struct {
        const char *command;
        uint16_t sw;
    } rows[] = {
        {"84821100", SW_WRONG_LENGTH},
        {"848211000F7d5f5826a993ebc89eea24957fa0b3", SW_WRONG_LENGTH},
        {"84821100117d5f5826a993ebc89eea24957fa0b3ce00", SW_WRONG_LENGTH},
        {"84821100000010"
         "7d5f5826a993ebc89eea24957fa0b3ce",
         SW_WRONG_LENGTH},
        {"84820000107d5f5826a993ebc89eea24957fa0b3ce", SW_WRONG_P1P2}, /* no protection */
        {"84822200107d5f5826a993ebc89eea24957fa0b3ce", SW_WRONG_P1P2},
        {"84823100107d5f5826a993ebc89eea24957fa0b3ce", SW_WRONG_P1P2},
        {"84821101107d5f5826a993ebc89eea24957fa0b3ce", SW_WRONG_P1P2},
        {"84823300107d5f5826a993ebc89eea24957fa0b3ce", SW_SECURITY_STATUS}, /* MAC over another */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        struct bench bench;

        challenge(&bench, &scp03_sessions[0], &answer);
        assert_int_equal(authenticate(&bench, rows[i].command), rows[i].sw);
        assert_closed(&bench);
        bench_done(&bench);
    }
}

/* Of another sequence number, or of another application with the same keys. */
static void an_authentication_of_another_channel_is_refused(void **state)
{
    (void)state;
    for (int other = 0; other < 2; other++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        CLEANUP(buf_done) struct buf aid = BUF_INIT;
        struct bench bench;
        struct apdu apdu;

        challenge(&bench, &scp03_sessions[0], &answer);
        buf_clear(&answer);
        bytes_from(SCP03_SESSION_AID, &aid);
        if (other == 0)
            bench.keys.sequence++;
        else
            aid.ptr[0] ^= 1;
        apdu = parsed(&bench, bench.row->initialize_update);
        assert_int_equal(
            scp03_challenge(&bench.channel, &bench.keys, buf_bytes(&aid), apdu.data, &answer, NULL),
            0);
        assert_int_equal(authenticate(&bench, bench.row->external_authenticate),
                         SW_SECURITY_STATUS);
        assert_closed(&bench);
        bench_done(&bench);
    }
}

static void a_command_with_one_wrong_digit_closes_the_channel(void **state)
{
    size_t digits = strlen(scp03_sessions[2].get_eid) - 2; /* Le is not protected */

    (void)state;
    for (size_t digit = 0; digit < digits; digit++) {
        struct apdu apdu;
        struct bench bench;
        char wrong[160];

        if (digit == 8 || digit == 9) /* another Lc is no APDU any more */
            continue;
        begin(&bench, 2);
        flip(bench.row->get_eid, digit, wrong);
        assert_int_equal(unwrap(&bench, wrong, &apdu), SW_SECURITY_STATUS);
        assert_closed(&bench);
        bench_done(&bench);
    }
}

static void a_replayed_command_closes_the_channel(void **state)
{
    struct bench bench;
    struct apdu apdu;

    (void)state;
    begin(&bench, 2);
    assert_int_equal(unwrap(&bench, bench.row->get_eid, &apdu), SW_OK);
    assert_int_equal(unwrap(&bench, bench.row->get_eid, &apdu), SW_SECURITY_STATUS);
    assert_closed(&bench);
    bench_done(&bench);
}

static void a_command_out_of_order_closes_the_channel(void **state)
{
    struct bench bench;
    struct apdu apdu;

    (void)state;
    begin(&bench, 2);
    assert_int_equal(unwrap(&bench, bench.row->cases[0], &apdu), SW_SECURITY_STATUS);
    assert_closed(&bench);
    bench_done(&bench);
}

static void commands_too_short_for_a_mac_close_the_channel(void **state)
{
    static const char *const commands[] = {"84F22002", "84F2200200", "84F220020763a63f8959827f",
                                           "84F2200200000863a63f8959827fb2"};

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct bench bench;
        struct apdu apdu;

        begin(&bench, 0);
        assert_int_equal(unwrap(&bench, commands[i], &apdu), SW_SECURITY_STATUS);
        assert_closed(&bench);
        bench_done(&bench);
    }
}

static void a_level_is_what_was_authenticated(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench, 1); /* 03 */
    assert_true(scp03_has_level(&bench.channel, 0x01));
    assert_true(scp03_has_level(&bench.channel, 0x03));
    assert_false(scp03_has_level(&bench.channel, 0x10));
    assert_false(scp03_has_level(&bench.channel, 0x33));
    scp03_close(&bench.channel);
    assert_false(scp03_has_level(&bench.channel, 0x00));
    bench_done(&bench);
}

static void assert_plain(const struct apdu *apdu, const char *hex)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    bytes_from(hex, &expected);
    assert_int_equal(apdu_build(apdu, &got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&got), buf_bytes(&expected)));
}

static void assert_eid_is_wrapped(struct bench *bench)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    bytes_from(SCP03_EID, &data);
    bytes_from(bench->row->eid, &expected);
    assert_int_equal(scp03_wrap(&bench->channel, &data, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&data), buf_bytes(&expected)));
}

/* Challenge, both cryptograms, and every command and answer, byte by byte. */
static void recorded_sessions_of_real_cards_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCP03_SESSIONS; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        CLEANUP(buf_done) struct buf expected = BUF_INIT;
        struct bench bench;
        struct apdu apdu;

        challenge(&bench, &scp03_sessions[i], &answer);
        bytes_from(bench.row->challenge, &expected);
        assert_true(bytes_equal(buf_bytes(&answer), buf_bytes(&expected)));
        assert_int_equal(authenticate(&bench, bench.row->external_authenticate), SW_OK);
        assert_int_equal(unwrap(&bench, bench.row->get_eid, &apdu), SW_OK);
        assert_plain(&apdu, SCP03_GET_EID);
        assert_eid_is_wrapped(&bench);
        for (size_t c = 0; c < 4; c++) {
            assert_int_equal(unwrap(&bench, bench.row->cases[c], &apdu), SW_OK);
            assert_plain(&apdu, scp03_cases[c]);
        }
        bench_done(&bench);
    }
}

/* For every level: as much as room says fits, and no byte more. */
static void room_is_what_fits(void **state)
{
    (void)state;
    for (size_t row = 0; row < 3; row++) {
        for (size_t ne = 1; ne <= 256; ne++) {
            CLEANUP(buf_done) struct buf data = BUF_INIT;
            struct bench bench;
            size_t room;

            begin(&bench, row);
            room = scp03_room(&bench.channel, ne);
            for (size_t i = 0; i < room; i++)
                assert_int_equal(buf_append_byte(&data, (uint8_t)i, NULL), 0);
            assert_int_equal(scp03_wrap(&bench.channel, &data, NULL), 0);
            assert_true(data.len <= ne || room == 0);
            buf_clear(&data);
            for (size_t i = 0; i < room + 1; i++)
                assert_int_equal(buf_append_byte(&data, (uint8_t)i, NULL), 0);
            assert_int_equal(scp03_wrap(&bench.channel, &data, NULL), 0);
            assert_true(data.len > ne);
            bench_done(&bench);
        }
    }
}

/* 01...01 under AES, as `openssl enc -aes-128-ecb -nopad` has it. */
static void check_values_are_those_of_openssl(void **state)
{
    uint8_t check[GP_CHECK_SIZE];
    CLEANUP(secret_done) struct secret key = SECRET_INIT;

    (void)state;
    secret_from("404142434445464748494A4B4C4D4E4F", &key);
    assert_int_equal(scp03_check_value(&key, check, NULL), 0);
    assert_memory_equal(check, "\x50\x4a\x77", GP_CHECK_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_authentication_without_a_challenge_is_refused),
        cmocka_unit_test(a_wrong_cryptogram_or_mac_closes_the_channel),
        cmocka_unit_test(a_wrong_cryptogram_under_a_right_mac_is_told_apart),
        cmocka_unit_test(malformed_authentications_are_refused),
        cmocka_unit_test(an_authentication_of_another_channel_is_refused),
        cmocka_unit_test(a_command_with_one_wrong_digit_closes_the_channel),
        cmocka_unit_test(a_replayed_command_closes_the_channel),
        cmocka_unit_test(a_command_out_of_order_closes_the_channel),
        cmocka_unit_test(commands_too_short_for_a_mac_close_the_channel),
        cmocka_unit_test(a_level_is_what_was_authenticated),
        cmocka_unit_test(recorded_sessions_of_real_cards_come_out),
        cmocka_unit_test(room_is_what_fits),
        cmocka_unit_test(check_values_are_those_of_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
