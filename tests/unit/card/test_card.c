/* SPDX-License-Identifier: Apache-2.0 */
/* What the card answers, row by row of card.md 4 and 11.1. */
#include "base/hex.h"
#include "crypto/pubkey.h"
#include "iso7816/apdu.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SELECT_JPKI "00A4040C0AD392F000260100000001"
#define SELECT_ISD  "00A4040C07A0000001510000"

struct bench {
    struct memory_storage storage;
    struct card *card;
    struct buf data; /* of the last answer */
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    bench->card = memory_card_new(&bench->storage);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    card_free(bench->card);
    buf_done(&bench->data);
    test_free(bench);
    return 0;
}

static uint16_t send_bytes(struct bench *bench, struct bytes command)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;

    assert_int_equal(card_apdu(bench->card, command, &response, NULL), 0);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    assert_true(sw == 0x9000 || data.len == 0);
    buf_clear(&bench->data);
    assert_int_equal(buf_append(&bench->data, data, NULL), 0);
    return sw;
}

static uint16_t send(struct bench *bench, const char *hex)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;

    assert_int_equal(hex_decode(hex, &command, NULL), 0);
    return send_bytes(bench, buf_bytes(&command));
}

#define assert_sw(bench, hex, sw) assert_int_equal(send((bench), (hex)), (sw))

static uint16_t send_apdu(struct bench *bench, struct apdu apdu)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    return send_bytes(bench, buf_bytes(&command));
}

static uint16_t verify(struct bench *bench, uint8_t p2, const char *pin)
{
    return send_apdu(bench, (struct apdu){0x00, 0x20, 0x00, p2, bytes_text(pin), 0, false});
}

static void select_jpki(struct bench *bench)
{
    assert_sw(bench, SELECT_JPKI, 0x9000);
}

static void log_in_auth(struct bench *bench)
{
    assert_sw(bench, "00A4020C020018", 0x9000);
    assert_int_equal(verify(bench, 0x80, MEMORY_CARD_AUTH_PIN), 0x9000);
}

static void log_in_sign(struct bench *bench)
{
    assert_sw(bench, "00A4020C02001B", 0x9000);
    assert_int_equal(verify(bench, 0x80, MEMORY_CARD_SIGN_PIN), 0x9000);
}

static void bytes_that_are_no_command_get_an_answer(void **state)
{
    assert_sw(*state, "", 0x6700);
    assert_sw(*state, "04", 0x6700);
    assert_sw(*state, "00A404", 0x6700);
    assert_sw(*state, "00A4040C0AD392", 0x6700);
}

static void unknown_classes_and_instructions_are_told_apart(void **state)
{
    select_jpki(*state);
    assert_sw(*state, "00FF0000", 0x6D00);
    assert_sw(*state, "00C0000000", 0x6D00);         /* GET RESPONSE */
    assert_sw(*state, "00CB3FFF035C017E08", 0x6D00); /* card.md 9.1 */
    assert_sw(*state, "002C0080", 0x6D00);           /* no unblocking for users (card.md 4.1) */
    assert_sw(*state, "002A9E9A0101", 0x6D00);       /* the ISO class of signing */
    assert_sw(*state, "80200080", 0x6D00);
    assert_sw(*state, "01A4040C0AD392F000260100000001", 0x6E00); /* a logical channel */
    assert_sw(*state, "10200080", 0x6E00);
    assert_sw(*state, "FFCA000000", 0x6E00);
}

/* card.md 9.1: all probes of OpenSC 0.23. */
static void applets_of_others_are_not_found(void **state)
{
    static const char *const probes[] = {
        "00A4040007627601FF000000",
        "00A4040006A00000000101",
        "00A404000BE82B0601040181C31F020100",
        "00A4040C0FD23300000045737445494420763335",
        "00A4040009A0000003080000100000",
        "00A4040C07A000000116DB0000",
        "00A4040C07A000000079100000",
        "00A4040C07A000000079010000",
        "00A4040C07A000000079010F00",
        "00A404000CF276A288BCFBA69D34F31001",
        "00A4040009A0000003974254465900",
        "00A4040006D2760001240100",
        "00A4040C0BD392F00026010000000100", /* one byte too many */
        "00A4040C04D392F000",               /* one byte too few */
        "00A40400",
    };

    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++)
        assert_sw(*state, probes[i], 0x6A82);
    assert_sw(*state, "00CADF3005", 0x6A88);
}

static void ours_are_selected_with_and_without_le(void **state)
{
    static const char *const forms[] = {
        SELECT_JPKI,
        SELECT_JPKI "00",
        "00A404000AD392F000260100000001",
        "00A404000AD392F00026010000000100",
        "00A4040C09D392F0002601000000", /* a prefix (card.md 2) */
        "00A4040C05D392F00026",         /* the shortest */
        SELECT_ISD,
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_sw(bench, forms[i], 0x9000);
        assert_int_equal(bench->data.len, 0);
    }
    assert_int_equal(CARD_AID_MIN, 5); /* one less: refused above */
    assert_sw(bench, "00A4040D0AD392F000260100000001", 0x6A86);
    assert_sw(bench, "00A4010C02001B", 0x6A86);
}

static void a_blank_card_has_no_jpki_applet(void **state)
{
    struct bench *bench = *state;

    card_free(bench->card);
    bench->card = memory_card_new_blank(&bench->storage);
    assert_sw(bench, SELECT_JPKI, 0x6A82);
    assert_sw(bench, SELECT_ISD, 0x9000);
    assert_sw(bench, "00A4020C020018", 0x6A82);
}

/* card.md 2, notes */
static void the_master_file_is_no_place_to_go(void **state)
{
    assert_sw(*state, "00A40000", 0x6A86);
    assert_sw(*state, "00A40000023F00", 0x6A82);
    select_jpki(*state);
    assert_sw(*state, "00A40000", 0x9000);
    assert_sw(*state, "00A4020C020018", 0x9000); /* still in the applet */
}

static void files_need_an_applet_and_a_name_of_two_bytes(void **state)
{
    assert_sw(*state, "00A4020C02000A", 0x6A82);
    select_jpki(*state);
    assert_sw(*state, "00A4020C01000A", 0x6700); /* Lc 1 and an Le */
    assert_sw(*state, "00A4020C03000A00", 0x6700);
    assert_sw(*state, "00A4020C020003", 0x6A82);
    assert_sw(*state, "00A4020C023F00", 0x6A82);
    assert_sw(*state, "00A4020C02000A", 0x9000);
    assert_sw(*state, "00A4020002001A00", 0x9000); /* P2=00 and an Le */
}

static void a_failed_select_leaves_the_state_alone(void **state)
{
    select_jpki(*state);
    log_in_auth(*state);
    assert_sw(*state, "00A4040006A00000000101", 0x6A82);
    assert_sw(*state, "00A4020C020003", 0x6A82);
    assert_sw(*state, "00A4020C020017", 0x9000);
    assert_sw(*state, "802A0080023132", 0x9000);
}

static void reading_needs_a_file_of_the_right_kind(void **state)
{
    assert_sw(*state, "00B0000000", 0x6986);
    select_jpki(*state);
    assert_sw(*state, "00B0000000", 0x6986);
    assert_sw(*state, "00A4020C020018", 0x9000);
    assert_sw(*state, "00B0000000", 0x6981); /* card.md 4.3: an IEF */
    assert_sw(*state, "00A4020C02001A", 0x9000);
    assert_sw(*state, "00B0000000", 0x6981);
    assert_sw(*state, "00B0980000", 0x6981); /* the same by short identifier */
    assert_sw(*state, "00B0830000", 0x6A82);
    assert_sw(*state, "00B09F0000", 0x6A82);
    assert_sw(*state, "00B0800000", 0x6A86); /* no short identifier */
    assert_sw(*state, "00B0C60000", 0x6A86); /* bits that mean nothing */
    assert_sw(*state, "00A4020C02000A", 0x9000);
    assert_sw(*state, "00B000000412345678", 0x6700); /* data where none belongs */
}

static void the_sign_certificate_needs_the_sign_password(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00A4020C020001", 0x9000);
    assert_sw(bench, "00B0000004", 0x6982);
    assert_sw(bench, "00B07FFF04", 0x6982); /* before any offset is judged */
    assert_sw(bench, "00B0810004", 0x6982);
    log_in_auth(bench);
    assert_sw(bench, "00B0810004", 0x6982); /* the other PIN opens nothing here */
    log_in_sign(bench);
    assert_sw(bench, "00A4020C020001", 0x9000);
    assert_sw(bench, "00B0000004", 0x9000);
    assert_int_equal(bench->data.ptr[0], 0x30);
}

static void past_the_end_there_is_nothing(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00A4020C020006", 0x9000);
    assert_sw(bench, "00B0009F00", 0x9000);
    assert_int_equal(bench->data.len, 1);
    assert_sw(bench, "00B000A000", 0x6B00); /* card.md 4.3 */
    assert_sw(bench, "00B07FFF00", 0x6B00);
}

static void assert_contents(struct bench *bench, enum card_data which, size_t offset)
{
    bool is_ca = which == CARD_AUTH_CA_CERT || which == CARD_SIGN_CA_CERT;
    size_t real = is_ca ? MEMORY_CARD_CA_CERT_SIZE : MEMORY_CARD_CERT_SIZE;

    for (size_t i = 0; i < bench->data.len; i++)
        assert_int_equal(bench->data.ptr[i],
                         offset + i < real ? memory_card_cert_byte(which, offset + i) : 0x00);
}

/* card.md 4.3 and 9.4: each way in which some client reads. */
static void every_form_of_reading_gives_the_same_bytes(void **state)
{
    static const struct {
        const char *hex;
        size_t offset, len;
    } forms[] = {
        {"00B0000004", 0, 4},
        {"00B0000000", 0, 256},
        {"00B0000000", 0, 256},
        {"00B00000", 0, 256}, /* without Le */
        {"00B001FF01", 0x1ff, 1},
        {"00B08A0000", 0, 256},
        {"00B08AFF02", 255, 2},
        {"00B00000000400", 0, 1024},
        {"00B00000000000", 0, CARD_CERT_SIZE},
        {"00B08A00000000", 0, CARD_CERT_SIZE},
        {"00B00FFF00", CARD_CERT_SIZE - 1, 1}, /* short last block, 9000 */
        {"00B00F8000", CARD_CERT_SIZE - 128, 128},
    };
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00A4020C02000A", 0x9000);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_sw(bench, forms[i].hex, 0x9000);
        assert_int_equal(bench->data.len, forms[i].len);
        assert_contents(bench, CARD_AUTH_CERT, forms[i].offset);
    }
}

static void ca_certificates_are_followed_by_filler(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00B08B00000000", 0x9000);
    assert_int_equal(bench->data.len, CARD_CA_CERT_SIZE);
    assert_contents(bench, CARD_AUTH_CA_CERT, 0);
    assert_sw(bench, "00B08200000000", 0x9000);
    assert_int_equal(bench->data.len, CARD_CA_CERT_SIZE);
    assert_contents(bench, CARD_SIGN_CA_CERT, 0);
}

static void a_short_identifier_selects_what_it_read(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00B0860020", 0x9000);
    assert_memory_equal(bench->data.ptr, "JPKIAPICCTOKEN2                 ", 32);
    assert_sw(bench, "00B0006010", 0x9000);
    assert_memory_equal(bench->data.ptr, "\x00\x00\x04\x0d", 4);
    assert_sw(bench, "00B0810000", 0x6982); /* a refused one does not */
    assert_sw(bench, "00B0000004", 0x9000);
    assert_memory_equal(bench->data.ptr, "JPKI", 4);
}

static void the_small_files_have_their_sizes(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00B0860000", 0x9000);
    assert_int_equal(bench->data.len, 160);
    assert_sw(bench, "00B0880000", 0x9000);
    assert_int_equal(bench->data.len, 3);
    assert_memory_equal(bench->data.ptr, "\x8f\x8f\x00", 3);
}

static void verify_needs_a_pin_to_verify(void **state)
{
    assert_sw(*state, "00200080", 0x6986);
    select_jpki(*state);
    assert_sw(*state, "00200080", 0x6986);
    assert_sw(*state, "00A4020C02000A", 0x9000);
    assert_sw(*state, "00200080", 0x6981);
    assert_sw(*state, "00A4020C02001A", 0x9000);
    assert_sw(*state, "00200080", 0x6981);
    assert_sw(*state, "0020008A", 0x6981);
    assert_sw(*state, "00200091", 0x6A82);
    assert_sw(*state, "00200000", 0x6A86);
    assert_sw(*state, "00200018", 0x6A86);
    assert_sw(*state, "002000D8", 0x6A86);
    assert_sw(*state, "00200180", 0x6A86);
}

/* card.md 11.1, 1 */
static void an_empty_verify_always_tells_the_tries(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00A4020C020018", 0x9000);
    assert_sw(bench, "00200080", 0x63C3);
    assert_sw(bench, "0020008000", 0x63C3); /* with an Le */
    assert_sw(bench, "00200098", 0x63C3);
    assert_sw(bench, "0020009B", 0x63C5);
    assert_int_equal(verify(bench, 0x80, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_sw(bench, "00200080", 0x63C3); /* also after a right PIN (card.md 4.5) */
    for (unsigned left = 3; left-- > 0;)
        assert_int_equal(verify(bench, 0x80, "9999"), 0x63C0 + left);
    assert_sw(bench, "00200080", 0x63C0); /* also when blocked */
    assert_sw(bench, "0020008000", 0x63C0);
    assert_sw(bench, "0020009B", 0x63C5); /* the other PIN is another PIN */
    assert_int_equal(bench->storage.saved_tries, 2 + 3);
}

static void a_blocked_pin_stays_blocked_for_the_right_one(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    for (unsigned left = 3; left-- > 0;)
        assert_int_equal(verify(bench, 0x98, "0000"), 0x63C0 + left);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x6984); /* card.md 4.4 */
    assert_int_equal(verify(bench, 0x98, "0000"), 0x6984);
    card_reset(bench->card);
    select_jpki(bench);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x6984);
    assert_int_equal(bench->storage.tries[CARD_PIN_AUTH], 0);
}

static void the_sign_password_has_five_tries(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    for (unsigned left = 5; left-- > 0;)
        assert_int_equal(verify(bench, 0x9b, "abc123"), 0x63C0 + left); /* case counts */
    assert_int_equal(verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), 0x6984);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x9000);
}

static void only_a_right_pin_gives_the_tries_back(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_int_equal(verify(bench, 0x98, "0000"), 0x63C2);
    assert_int_equal(bench->storage.tries[CARD_PIN_AUTH], 2);
    card_reset(bench->card);
    select_jpki(bench);
    assert_sw(bench, "00200098", 0x63C2);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_int_equal(bench->storage.tries[CARD_PIN_AUTH], 3);
}

static void a_pin_is_compared_whole(void **state)
{
    static const char *const wrong[] = {"ABC12", "ABC1234", "BBC123", "ABC124"};
    struct bench *bench = *state;

    select_jpki(bench);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(verify(bench, 0x9b, wrong[i]), 0x63C4 - i);
    assert_int_equal(verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), 0x9000);
}

static void what_is_too_long_for_a_pin_costs_nothing(void **state)
{
    static const char text[] = "12345678901234567";
    struct bench *bench = *state;

    select_jpki(bench);
    assert_int_equal(strlen(text), CARD_PIN_MAX + 1);
    assert_int_equal(verify(bench, 0x98, text), 0x6700);
    assert_sw(bench, "00200098", 0x63C3);
    assert_int_equal(verify(bench, 0x98, text + 1), 0x63C2);
}

static void a_wrong_pin_takes_the_permission_away(void **state)
{
    select_jpki(*state);
    log_in_auth(*state);
    assert_sw(*state, "802A0097023132", 0x9000);
    assert_int_equal(verify(*state, 0x98, "0000"), 0x63C2);
    assert_sw(*state, "802A0097023132", 0x6982);
}

/* Before the comparison, so that a cut power supply cannot save the try. */
static void without_a_disk_no_pin_is_compared(void **state)
{
    struct bench *bench = *state;
    struct err why;

    select_jpki(bench);
    assert_false(card_take_failure(bench->card, &why));
    bench->storage.is_broken = true;
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x6581);
    assert_int_equal(verify(bench, 0x98, "0000"), 0x6581);
    assert_sw(bench, "802A0097023132", 0x6982);
    assert_true(card_take_failure(bench->card, &why));
    assert_string_equal(why.text, "the disk is broken");
    assert_false(card_take_failure(bench->card, &why));
    bench->storage.is_broken = false;
    assert_sw(bench, "00200098", 0x63C3);
}

static void assert_all_states_gone(struct bench *bench)
{
    assert_sw(bench, "802A0097023132", 0x6982);
    assert_sw(bench, "802A009A023132", 0x6982);
    assert_sw(bench, "00B0810004", 0x6982);
}

/* card.md 4.5 */
static void pin_states_end_with_the_applet_and_the_power(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    log_in_auth(bench);
    log_in_sign(bench);
    select_jpki(bench); /* the same applet again: kept */
    assert_sw(bench, "802A0097023132", 0x9000);
    assert_sw(bench, "802A009A023132", 0x9000);
    assert_sw(bench, SELECT_ISD, 0x9000);
    assert_sw(bench, "802A0097023132", 0x6A82);
    select_jpki(bench);
    assert_all_states_gone(bench);
    log_in_auth(bench);
    card_reset(bench->card);
    assert_sw(bench, "802A0097023132", 0x6A82);
    select_jpki(bench);
    assert_all_states_gone(bench);
}

static void selecting_the_applet_again_forgets_the_file(void **state)
{
    select_jpki(*state);
    assert_sw(*state, "00A4020C02000A", 0x9000);
    select_jpki(*state);
    assert_sw(*state, "00B0000004", 0x6986);
}

static void the_two_pins_open_their_own_key_only(void **state)
{
    select_jpki(*state);
    log_in_auth(*state);
    assert_sw(*state, "802A009A023132", 0x6982);
    assert_sw(*state, "802A0097023132", 0x9000);
    assert_sw(*state, SELECT_ISD, 0x9000);
    select_jpki(*state);
    log_in_sign(*state);
    assert_sw(*state, "802A0097023132", 0x6982);
    assert_sw(*state, "802A009A023132", 0x9000);
}

static void changing_a_pin_needs_the_old_one(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    assert_sw(bench, "00240180", 0x6986);
    assert_sw(bench, "00A4020C020018", 0x9000);
    assert_sw(bench, "002401800435363738", 0x6982);
    log_in_auth(bench);
    assert_sw(bench, "0024019B06414243313234", 0x6982); /* not for the other PIN */
    assert_sw(bench, "002400800435363738", 0x6A86);     /* the form with the old PIN inside */
    assert_sw(bench, "00240100043536373800", 0x6A86);
    assert_int_equal(bench->storage.saved_images, 0);
}

static void a_new_pin_must_look_like_one(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(card_set_options(bench->card, "pin-policy=enforced", NULL), 0);
    select_jpki(bench);
    log_in_auth(bench);
    assert_sw(bench, "00240180", 0x6700);
    assert_sw(bench, "0024018003353637", 0x6A80);
    assert_sw(bench, "00240180053536373839", 0x6A80);
    assert_sw(bench, "002401800435363741", 0x6A80);
    assert_sw(bench, "00240180113132333435363738393031323334353637", 0x6700);
    log_in_sign(bench);
    assert_sw(bench, "00240180054142433132", 0x6A80);   /* five */
    assert_sw(bench, "0024018006414243444546", 0x6A80); /* no digit */
    assert_sw(bench, "0024018006313233343536", 0x6A80); /* no letter */
    assert_sw(bench, "0024018006616263313233", 0x6A80); /* lower case */
    assert_int_equal(bench->storage.saved_images, 0);
}

static void a_changed_pin_counts_from_then_on(void **state)
{
    struct bench *bench = *state;

    select_jpki(bench);
    log_in_auth(bench);
    bench->storage.is_broken = true;
    assert_sw(bench, "002401800435363738", 0x6581);
    bench->storage.is_broken = false;
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_sw(bench, "002401800435363738", 0x9000);
    assert_int_equal(bench->storage.saved_images, 1);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), 0x63C2);
    assert_int_equal(verify(bench, 0x98, "5678"), 0x9000);
}

static void signing_needs_a_key_a_pin_and_a_known_scheme(void **state)
{
    struct bench *bench = *state;

    assert_sw(bench, "802A0080023132", 0x6986);
    select_jpki(bench);
    assert_sw(bench, "802A0080023132", 0x6986);
    assert_sw(bench, "00A4020C020018", 0x9000);
    assert_sw(bench, "802A0080023132", 0x6981);
    assert_sw(bench, "802A0095023132", 0x6A82);
    assert_sw(bench, "00A4020C020017", 0x9000);
    assert_sw(bench, "802A0080023132", 0x6982);
    assert_sw(bench, "802A0080", 0x6982);
    log_in_auth(bench);
    assert_sw(bench, "00A4020C020017", 0x9000);
    assert_sw(bench, "802A0680023132", 0x6A86);
    assert_sw(bench, "802AFF80023132", 0x6A86);
    assert_sw(bench, "802A0000023132", 0x6A86); /* this applet has no key without a PIN */
    assert_sw(bench, "802A0080", 0x6700);
    assert_sw(bench, "802A00800231320F", 0x6700); /* an Le too small for the answer */
    assert_sw(bench, "802A0280023132", 0x6985);   /* a hash has 32 bytes */
    assert_sw(bench, "802A0480023132", 0x6985);
}

static struct apdu sign_command(uint8_t p1, struct bytes input)
{
    return (struct apdu){0x80, 0x2a, p1, 0x97, input, 256, false};
}

static void one_byte_more_than_the_padding_leaves_is_refused(void **state)
{
    static const uint8_t input[CARD_RAW_INPUT_MAX + 1] = {1};
    static const uint8_t hash[33] = {1};
    struct bench *bench = *state;

    select_jpki(bench);
    log_in_auth(bench);
    assert_int_equal(send_apdu(bench, sign_command(0, bytes_of(input, 246))), 0x6985);
    assert_int_equal(send_apdu(bench, sign_command(0, bytes_of(input, 245))), 0x9000);
    assert_int_equal(bench->data.len, 256);
    assert_int_equal(send_apdu(bench, sign_command(0, bytes_of(input, 1))), 0x9000);
    assert_int_equal(send_apdu(bench, sign_command(2, bytes_of(hash, 31))), 0x6985);
    assert_int_equal(send_apdu(bench, sign_command(2, bytes_of(hash, 33))), 0x6985);
    assert_int_equal(send_apdu(bench, sign_command(2, bytes_of(hash, 32))), 0x9000);
}

static struct pubkey *auth_pubkey(void)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct pubkey *key;

    assert_int_equal(privkey_spki(memory_card_key(CARD_KEY_AUTH), &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &key, NULL), 0);
    return key;
}

/* card.md 4.2: P1 = 00 with a DigestInfo, 02 with the hash, 03 with the message. */
static void three_schemes_make_the_same_signature(void **state)
{
    static const char text[] = "a message longer than one block of the hash function, to be sure";
    CLEANUP(pubkey_freep) struct pubkey *key = auth_pubkey();
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    struct bench *bench = *state;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(text), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    select_jpki(bench);
    log_in_auth(bench);
    assert_int_equal(send_apdu(bench, sign_command(0, buf_bytes(&info))), 0x9000);
    assert_int_equal(pubkey_verify(key, &digest, buf_bytes(&bench->data), NULL), 0);
    assert_int_equal(send_apdu(bench, sign_command(2, digest_bytes(&digest))), 0x9000);
    assert_int_equal(pubkey_verify(key, &digest, buf_bytes(&bench->data), NULL), 0);
    assert_int_equal(send_apdu(bench, sign_command(3, bytes_text(text))), 0x9000);
    assert_int_equal(pubkey_verify(key, &digest, buf_bytes(&bench->data), NULL), 0);
    assert_int_equal(send_apdu(bench, sign_command(1, bytes_text(text))), 0x9000);
    assert_int_equal(pubkey_verify_bare(key, digest_bytes(&digest), buf_bytes(&bench->data), NULL),
                     0);
}

static void pss_is_random_and_has_the_size_of_the_key(void **state)
{
    static const uint8_t hash[32] = {1};
    struct bench *bench = *state;
    uint8_t first[256];

    select_jpki(bench);
    log_in_auth(bench);
    assert_int_equal(send_apdu(bench, sign_command(4, BYTES_ARRAY(hash))), 0x9000);
    assert_int_equal(bench->data.len, 256);
    memcpy(first, bench->data.ptr, 256);
    assert_int_equal(send_apdu(bench, sign_command(4, BYTES_ARRAY(hash))), 0x9000);
    assert_memory_not_equal(first, bench->data.ptr, 256);
    assert_int_equal(send_apdu(bench, sign_command(5, BYTES_ARRAY(hash))), 0x9000);
    assert_int_equal(bench->data.len, 256);
}

/* realclients.md 2: OpenSC's sequence with the sign key, with its second VERIFY. */
static void the_key_is_selected_or_named(void **state)
{
    struct bench *bench = *state;
    uint8_t named[256];

    select_jpki(bench);
    log_in_sign(bench);
    log_in_sign(bench);
    assert_sw(bench, "00A4020C020001", 0x9000); /* reading in between (card.md 4.2) */
    assert_sw(bench, "00B0000004", 0x9000);
    assert_sw(bench, "00A4020C02001A", 0x9000);
    assert_sw(bench, "802A0080023132", 0x9000); /* no Le (card.md 11.1, 6) */
    assert_int_equal(bench->data.len, 256);
    memcpy(named, bench->data.ptr, 256);
    assert_sw(bench, "802A009A02313200", 0x9000);
    assert_memory_equal(named, bench->data.ptr, 256);
    assert_sw(bench,
              "802A00800000023132"
              "0100",
              0x9000); /* extended */
    assert_memory_equal(named, bench->data.ptr, 256);
}

static void a_challenge_has_1_to_256_bytes(void **state)
{
    struct bench *bench = *state;
    uint8_t first[16];

    assert_sw(bench, "00840000", 0x6700);
    assert_sw(bench, "008400000100", 0x6700);
    assert_sw(bench,
              "00840100"
              "10",
              0x6A86);
    assert_sw(bench, "00840000000010", 0x6985); /* extended (card.md 4.1) */
    assert_sw(bench, "0084000001", 0x9000);
    assert_int_equal(bench->data.len, 1);
    assert_sw(bench, "0084000000", 0x9000);
    assert_int_equal(bench->data.len, CARD_CHALLENGE_MAX);
    assert_sw(bench, "0084000010", 0x9000);
    memcpy(first, bench->data.ptr, 16);
    assert_sw(bench, "0084000010", 0x9000);
    assert_memory_not_equal(first, bench->data.ptr, 16);
}

/* card.md 9.3: a client that sends everything twice. */
static void sending_everything_twice_does_no_more_than_two_commands(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 2; i++)
        select_jpki(bench);
    for (int i = 0; i < 2; i++)
        assert_sw(bench, "00A4020C020018", 0x9000);
    assert_sw(bench, "00200080", 0x63C3);
    assert_sw(bench, "00200080", 0x63C3);
    assert_int_equal(verify(bench, 0x80, "0000"), 0x63C2);
    assert_int_equal(verify(bench, 0x80, "0000"), 0x63C1);
    assert_int_equal(verify(bench, 0x80, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_int_equal(verify(bench, 0x80, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_sw(bench, "802A0097023132", 0x9000);
    assert_sw(bench, "802A0097023132", 0x9000);
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define card_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_test(bytes_that_are_no_command_get_an_answer),
        card_test(unknown_classes_and_instructions_are_told_apart),
        card_test(applets_of_others_are_not_found),
        card_test(ours_are_selected_with_and_without_le),
        card_test(a_blank_card_has_no_jpki_applet),
        card_test(the_master_file_is_no_place_to_go),
        card_test(files_need_an_applet_and_a_name_of_two_bytes),
        card_test(a_failed_select_leaves_the_state_alone),
        card_test(reading_needs_a_file_of_the_right_kind),
        card_test(the_sign_certificate_needs_the_sign_password),
        card_test(past_the_end_there_is_nothing),
        card_test(every_form_of_reading_gives_the_same_bytes),
        card_test(ca_certificates_are_followed_by_filler),
        card_test(a_short_identifier_selects_what_it_read),
        card_test(the_small_files_have_their_sizes),
        card_test(verify_needs_a_pin_to_verify),
        card_test(an_empty_verify_always_tells_the_tries),
        card_test(a_blocked_pin_stays_blocked_for_the_right_one),
        card_test(the_sign_password_has_five_tries),
        card_test(only_a_right_pin_gives_the_tries_back),
        card_test(a_pin_is_compared_whole),
        card_test(what_is_too_long_for_a_pin_costs_nothing),
        card_test(a_wrong_pin_takes_the_permission_away),
        card_test(without_a_disk_no_pin_is_compared),
        card_test(pin_states_end_with_the_applet_and_the_power),
        card_test(selecting_the_applet_again_forgets_the_file),
        card_test(the_two_pins_open_their_own_key_only),
        card_test(changing_a_pin_needs_the_old_one),
        card_test(a_new_pin_must_look_like_one),
        card_test(a_changed_pin_counts_from_then_on),
        card_test(signing_needs_a_key_a_pin_and_a_known_scheme),
        card_test(one_byte_more_than_the_padding_leaves_is_refused),
        card_test(three_schemes_make_the_same_signature),
        card_test(pss_is_random_and_has_the_size_of_the_key),
        card_test(the_key_is_selected_or_named),
        card_test(a_challenge_has_1_to_256_bytes),
        card_test(sending_everything_twice_does_no_more_than_two_commands),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
