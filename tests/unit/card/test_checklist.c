/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a simulator must get right: card.md 11.1, point by point.
 *
 * Point 10, about vpcd, is in test_serve.c: only_questions_are_answered,
 * power_and_reset_clear_the_state, vpcd_is_answered_and_found_again and those around them. What
 * lasts through power cuts is in test_store.c.
 */
#include "base/hex.h"
#include "card/state.h"
#include "support/card_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SELECT_JPKI "00A4040C0AD392F000260100000001"
#define SELECT_ISD  "00A4040C07A0000001510000"
#define SELECT_TEXT "00A4040C0AD3921000310001010408"
#define SHA256_INFO "3031300D060960864801650304020105000420"
#define HASH        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static void assert_query(struct card_bench *bench, uint16_t sw)
{
    assert_sw(bench, "00200080", sw);
    assert_sw(bench, "0020008000", sw);
}

static void simulator_01_empty_verify_is_always_63cx(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00A4020C020018", 0x9000);
    assert_query(bench, 0x63C3);
    assert_sw(bench, "002000800430303030", 0x63C2);
    assert_query(bench, 0x63C2);
    assert_sw(bench, "002000800431323334", 0x9000);
    assert_query(bench, 0x63C3);
    for (int i = 0; i < 3; i++)
        (void)bench_send(bench, "002000800430303030");
    assert_query(bench, 0x63C0);
    assert_int_equal(bench->storage.tries[CARD_PIN_AUTH], 0);
}

static void simulator_02_verify_counts_for_ever_and_permits_until_the_end(void **state)
{
    static const char *const endings[] = {SELECT_ISD, SELECT_TEXT, NULL}; /* NULL: power */
    struct card_bench *bench = *state;

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        assert_sw(bench, SELECT_JPKI, 0x9000);
        assert_sw(bench, "00B0810004", 0x6982);
        assert_sw(bench, "0020009B06414243313233", 0x9000);
        assert_sw(bench, "00B0810004", 0x9000);
        if (endings[i] == NULL)
            card_reset(bench->card);
        else
            assert_sw(bench, endings[i], 0x9000);
        assert_sw(bench, SELECT_JPKI, 0x9000);
        assert_sw(bench, "00B0810004", 0x6982);
    }
    for (unsigned left = 3; left-- > 0;) {
        assert_sw(bench, "002000980430303030", 0x63C0 | left);
        card_reset(bench->card);
        assert_sw(bench, SELECT_JPKI, 0x9000);
    }
    assert_sw(bench, "002000980431323334", 0x6984);
    assert_sw(bench, "0020009B06414243313233", 0x9000); /* the other is none of it */
}

static void simulator_03_only_own_applications_are_selected(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "00A4040006A00000000101", 0x6A82);
    assert_sw(bench, "00A4040009A0000003080000100000", 0x6A82);
    assert_sw(bench, "00A404000CF276A288BCFBA69D34F31001", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010409", 0x6A82);
    assert_sw(bench, SELECT_JPKI "00", 0x9000);
    assert_int_equal(bench->data.len, 0); /* P2=0C */
    assert_sw(bench, "00A404000AD392F00026010000000100", 0x9000);
}

static void simulator_04_read_binary_in_all_forms(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00B0000000", 0x6986);
    assert_sw(bench, "00B0810000", 0x6982);
    assert_sw(bench, "00B0980000", 0x6981);
    assert_sw(bench, "00A4020C02000B", 0x9000);
    assert_sw(bench, "00B0076C00", 0x6B00); /* 1900 */
    assert_sw(bench, "00B0000004", 0x9000);
    assert_memory_equal(bench->data.ptr, "\x30\x82", 2);
    assert_sw(bench, "00B00000", 0x9000); /* case 1 */
    assert_int_equal(bench->data.len, 256);
    assert_sw(bench, "00B0000000", 0x9000);
    assert_int_equal(bench->data.len, 256);
    assert_sw(bench, "00B0070000", 0x9000);
    assert_int_equal(bench->data.len, 1900 - 0x700); /* the last block */
    assert_sw(bench, "00B00000000000", 0x9000);      /* Le 65536 */
    assert_int_equal(bench->data.len, 1900);
    assert_sw(bench, "00B08B0410", 0x9000); /* by its short identifier */
    assert_int_equal(bench->data.len, 16);
}

static void simulator_05_certificates_are_behind_the_right_pins(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00B08A0004", 0x9000);
    assert_sw(bench, "002000980431323334", 0x9000);
    assert_sw(bench, "00B0810004", 0x6982);
    assert_sw(bench, "0020009B06414243313233", 0x9000);
    assert_sw(bench, "00B0810004", 0x9000);
    card_reset(bench->card);
    bench->card->image.kind = CARD_ANDROID; /* without other applets: test_kinds.c */
    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00B08A0004", 0x6982);
}

static void simulator_06_signatures_by_every_scheme_and_name(void **state)
{
    static const char *const good[] = {
        "802A009733" SHA256_INFO HASH "00",
        "802A009733" SHA256_INFO HASH,            /* case 3 */
        "802A0097000033" SHA256_INFO HASH "0100", /* Le 256, extended */
        "802A0097015500",
        "802A0197015500",
        "802A029720" HASH "00",
        "802A0397015500",
        "802A049720" HASH "00",
        "802A0597015500",
    };
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "802A0097015500", 0x6982);
    assert_sw(bench, "002000980431323334", 0x9000);
    assert_sw(bench, "802A0697015500", 0x6A86);
    assert_sw(bench, "802A02971F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E00",
              0x6985);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_sw(bench, good[i], 0x9000);
        assert_int_equal(bench->data.len, 256);
    }
    assert_sw(bench, "00A4020C020017", 0x9000);
    assert_sw(bench, "802A0080015500", 0x9000);
    assert_sw(bench, "802A009A015500", 0x6982); /* the other key, the other PIN */
    assert_sw(bench, SELECT_TEXT, 0x9000);
    assert_sw(bench, "802A0000015500", 0x9000); /* the applet's own */
    assert_int_equal(bench->data.len, 256);
}

static void simulator_07_files_have_their_physical_sizes(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_TEXT, 0x9000);
    assert_sw(bench, "002000910432333435", 0x9000);
    assert_sw(bench, "00B0810011", 0x9000);
    assert_int_equal(bench->data.len, 17);
    assert_memory_equal(bench->data.ptr + 15, "\xff\xff", 2);
    assert_sw(bench, "00B08300000000", 0x9000);
    assert_int_equal(bench->data.len, 336);
    assert_sw(bench, "00B08400000000", 0x9000);
    assert_int_equal(bench->data.len, 568);
    assert_sw(bench, "00B08500000000", 0x9000);
    assert_int_equal(bench->data.len, 256);
    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00B08B00000000", 0x9000);
    assert_int_equal(bench->data.ptr[MEMORY_CARD_CA_CERT_SIZE], 0x00); /* filler */
    assert_true(bench->data.len > MEMORY_CARD_CA_CERT_SIZE);
}

static void simulator_08_token_information_begins_with_its_label(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, SELECT_JPKI, 0x9000);
    assert_sw(bench, "00B0860000", 0x9000);
    assert_int_equal(bench->data.len, 160);
    assert_memory_equal(bench->data.ptr, "JPKIAPICCTOKEN2                 ", 32);
}

static void simulator_09_other_commands_are_answered_sanely(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "00CADF3005", 0x6A88);
    assert_sw(bench, "00CB3FFF035C017E08", 0x6D00);
    assert_sw(bench, "0084000001", 0x9000);
    assert_int_equal(bench->data.len, 1);
    assert_sw(bench, "0084000000", 0x9000);
    assert_int_equal(bench->data.len, 256);
    assert_sw(bench, "008400000000FF", 0x6985); /* extended */
    assert_sw(bench, "00A4040C0AD3921000310001010100", 0x9000);
    assert_sw(bench, "00B2010C00", 0x9000);
    assert_memory_equal(bench->data.ptr, "\x01\x1c", 2);
    assert_sw(bench, "00B2020C00", 0x6A83);
}

/* jpki-rs sends each command twice (card.md 9.3): a wrong PIN costs two tries, as on a card. */
static void simulator_11_duplicates_break_nothing(void **state)
{
    static const struct {
        const char *command;
        uint16_t first, second;
    } rows[] = {
        {SELECT_JPKI, 0x9000, 0x9000},          {"00A4020C020018", 0x9000, 0x9000},
        {"00200080", 0x63C3, 0x63C3},           {"002000800430303030", 0x63C2, 0x63C1},
        {"002000800431323334", 0x9000, 0x9000}, {"00A4020C020017", 0x9000, 0x9000},
        {"802A008001550000", 0x6700, 0x6700}, /* a byte too many */
        {"802A0080015500", 0x9000, 0x9000},     {"00A4020C02000A", 0x9000, 0x9000},
        {"00B0000007", 0x9000, 0x9000},
    };
    struct card_bench *bench = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_sw(bench, rows[i].command, rows[i].first);
        assert_sw(bench, rows[i].command, rows[i].second);
    }
    assert_int_equal(bench->storage.tries[CARD_PIN_AUTH], 3);
}

/* Ordinance 85 of the Ministry of Internal Affairs and Communications (card.md 11.1, 12). */
static unsigned check_digit(const char *number)
{
    unsigned sum = 0;

    for (unsigned n = 1; n <= 11; n++)
        sum += (unsigned)(number[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
    return sum % 11 <= 1 ? 0 : 11 - sum % 11;
}

static void simulator_12_codes_are_those_of_a_possible_person(void **state)
{
    struct card_bench *bench = *state;
    const char *number = MEMORY_CARD_CODE_A;

    assert_int_equal(strlen(number), 12);
    assert_int_equal(number[11] - '0', check_digit(number));
    assert_memory_equal(MEMORY_CARD_CODE_B, MEMORY_CARD_BIRTH_PIN, 6);
    assert_int_equal(strlen(MEMORY_CARD_CODE_B), 6 + 4 + 4);
    bench_select(bench, &applet_visual);
    assert_int_equal(bench_verify(bench, 0x93, number), SW_OK);
    assert_int_equal(bench_verify(bench, 0x92, MEMORY_CARD_CODE_B), SW_OK);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_BIRTH_PIN), SW_OK);
    bench_select(bench, &applet_text);
    assert_int_equal(bench_verify(bench, 0x94, number), SW_OK);
    assert_sw(bench, "00B0810011", 0x9000);
    assert_memory_equal(bench->data.ptr + 3, number, 12); /* code A is the number on the card */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_bench_test(simulator_01_empty_verify_is_always_63cx),
        card_bench_test(simulator_02_verify_counts_for_ever_and_permits_until_the_end),
        card_bench_test(simulator_03_only_own_applications_are_selected),
        card_bench_test(simulator_04_read_binary_in_all_forms),
        card_bench_test(simulator_05_certificates_are_behind_the_right_pins),
        card_bench_test(simulator_06_signatures_by_every_scheme_and_name),
        card_bench_test(simulator_07_files_have_their_physical_sizes),
        card_bench_test(simulator_08_token_information_begins_with_its_label),
        card_bench_test(simulator_09_other_commands_are_answered_sanely),
        card_bench_test(simulator_11_duplicates_break_nothing),
        card_bench_test(simulator_12_codes_are_those_of_a_possible_person),
    };

    return cmocka_run_group_tests(tests, NULL, card_bench_release_keys);
}
