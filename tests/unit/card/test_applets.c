/* SPDX-License-Identifier: Apache-2.0 */
/* The applets besides JPKI, and what all have in common: card.md 3, row by row. */
#include "card/state.h"
#include "support/card_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct applet *const with_files[] = {&applet_jpki, &applet_text, &applet_visual,
                                                  &applet_juki, &applet_common};

enum { APPLETS = sizeof with_files / sizeof with_files[0], FIDS = 9 + 16 };

static uint16_t select_file(struct card_bench *bench, unsigned fid)
{
    const uint8_t name[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};

    return bench_apdu(bench, (struct apdu){0x00, 0xa4, 0x02, 0x0c, BYTES_ARRAY(name), 0, false});
}

static uint16_t read_sfi(struct card_bench *bench, unsigned fid)
{
    return bench_apdu(bench, (struct apdu){0x00, 0xb0, (uint8_t)(0x80 | fid), 0x00,
                                           bytes_of(NULL, 0), APDU_NE_MAX, true});
}

/* card.md 3.1 to 3.6: which FIDs there are, and that there are no others. */
static void every_file_of_the_fact_sheet_exists_and_no_other(void **state)
{
    static const uint8_t fids[APPLETS][FIDS] = {
        {0x01, 0x02, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0b, 0x10, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
         0x1c, 0x1e},
        {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x1c,
         0x1e},
        {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x11, 0x12, 0x13, 0x1a, 0x1c, 0x1e},
        {0x02, 0x1c},
        {0x01, 0x02, 0x19, 0x1c, 0x1e},
    };

    for (size_t a = 0; a < APPLETS; a++) {
        bench_select(*state, with_files[a]);
        for (unsigned fid = 0; fid < 0x200; fid++) {
            bool is_there = fid > 0 && fid < 0x100 && memchr(fids[a], (int)fid, FIDS) != NULL;

            assert_int_equal(select_file(*state, fid), is_there ? SW_OK : SW_FILE_NOT_FOUND);
        }
        assert_int_equal(select_file(*state, 0x7f21), SW_FILE_NOT_FOUND); /* GET DATA's */
    }
}

static void the_card_manager_has_no_files(void **state)
{
    bench_select(*state, &applet_isd);
    for (unsigned fid = 0; fid < 0x100; fid++)
        assert_int_equal(select_file(*state, fid), SW_FILE_NOT_FOUND);
    assert_int_equal(select_file(*state, 0x7f21), SW_FILE_NOT_FOUND);
    assert_int_equal(select_file(*state, 0x5f51), SW_FILE_NOT_FOUND);
}

enum { FREE = 0 };

#define BIT(pin) CARD_PIN_BIT(CARD_PIN_##pin)

/* card.md 3.1 to 3.3 and 3.5: how long a file is, and which PINs open it. */
static const struct {
    const struct applet *applet;
    unsigned fid;
    size_t size;
    uint32_t opened_by;
} files[] = {
    {&applet_jpki, 0x01, 4096, BIT(SIGN)},
    {&applet_jpki, 0x02, 1900, FREE},
    {&applet_jpki, 0x06, 160, FREE},
    {&applet_jpki, 0x08, 3, FREE},
    {&applet_jpki, 0x09, 16, BIT(SIGN) | BIT(AUTH)},
    {&applet_jpki, 0x0a, 4096, FREE},
    {&applet_jpki, 0x0b, 1900, FREE},
    {&applet_text, 0x01, 17, BIT(TEXT) | BIT(TEXT_A)},
    {&applet_text, 0x02, 1024, BIT(TEXT) | BIT(TEXT_B)},
    {&applet_text, 0x03, 336, BIT(TEXT) | BIT(TEXT_A) | BIT(TEXT_B)},
    {&applet_text, 0x04, 568, FREE},
    {&applet_text, 0x05, 256, FREE},
    {&applet_text, 0x06, 269, BIT(TEXT) | BIT(TEXT_A) | BIT(TEXT_B)},
    {&applet_text, 0x07, 536, BIT(TEXT) | BIT(TEXT_A) | BIT(TEXT_B)},
    {&applet_text, 0x08, 16, BIT(TEXT) | BIT(TEXT_A) | BIT(TEXT_B)},
    {&applet_visual, 0x01, 547, BIT(BIRTH)},
    {&applet_visual, 0x02, CARD_FACE_SIZE, BIT(VISUAL_A) | BIT(VISUAL_B)},
    {&applet_visual, 0x03, 320, FREE},
    {&applet_visual, 0x04, 568, FREE},
    {&applet_visual, 0x05, 2048, BIT(VISUAL_A)},
    {&applet_visual, 0x06, 16, BIT(VISUAL_A) | BIT(VISUAL_B)},
    {&applet_common, 0x02, 16, FREE},
};

static bool is_of(enum card_pin pin, const struct applet *applet)
{
    return card_node_applet(NODE_PIN, pin) == applet && memory_card_pin(pin) != NULL;
}

static void no_pin_opens_what_is_not_its_own(void **state)
{
    struct card_bench *bench = *state;
    unsigned refused = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
            if (files[i].opened_by == FREE || !is_of((enum card_pin)pin, files[i].applet))
                continue;
            card_reset(bench->card);
            bench_select(bench, files[i].applet);
            assert_int_equal(read_sfi(bench, files[i].fid), SW_SECURITY_STATUS);
            assert_int_equal(bench_verify(bench, bench_pin_p2((enum card_pin)pin),
                                          memory_card_pin((enum card_pin)pin)),
                             SW_OK);
            if ((files[i].opened_by & CARD_PIN_BIT(pin)) != 0)
                continue;
            assert_int_equal(read_sfi(bench, files[i].fid), SW_SECURITY_STATUS);
            refused++;
        }
    }
    assert_int_equal(refused, 9);
}

/* Contents, then filler: 00 behind certificates, FF elsewhere (card.md 3). */
static void assert_file(struct card_bench *bench, size_t row)
{
    const struct node *node = applet_node(files[row].applet, (uint16_t)files[row].fid);
    const struct buf *contents = &bench->card->image.data[node->index];
    bool is_jpki_cert = files[row].applet == &applet_jpki && files[row].fid != 0x09;

    assert_int_equal(read_sfi(bench, files[row].fid), SW_OK);
    assert_int_equal(bench->data.len, files[row].size);
    if (contents->len > 0)
        assert_memory_equal(bench->data.ptr, contents->ptr, contents->len);
    for (size_t at = contents->len; at < bench->data.len; at++)
        assert_int_equal(bench->data.ptr[at], is_jpki_cert ? 0x00 : 0xff);
}

static void every_file_has_its_size_and_filler_for_whoever_may_read_it(void **state)
{
    struct card_bench *bench = *state;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        bench_select(bench, files[i].applet);
        if (files[i].opened_by == FREE)
            assert_file(bench, i);
        for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
            if ((files[i].opened_by & CARD_PIN_BIT(pin)) == 0)
                continue;
            card_reset(bench->card);
            bench_select(bench, files[i].applet);
            assert_int_equal(bench_verify(bench, bench_pin_p2((enum card_pin)pin),
                                          memory_card_pin((enum card_pin)pin)),
                             SW_OK);
            assert_file(bench, i);
        }
    }
}

/* card.md 3.1, 3.2: what is known of them is that they exist. */
static void files_that_nobody_knows_give_nothing_away(void **state)
{
    static const struct {
        const struct applet *applet;
        const char *fid;
        uint16_t read, query, verify;
    } rows[] = {
        {&applet_jpki, "0005", 0x6982, 0x6981, 0x6981},
        {&applet_jpki, "0010", 0x6981, 0x6300, 0x6984},
        {&applet_jpki, "0016", 0x6981, 0x6981, 0x6981},
        {&applet_jpki, "0019", 0x6981, 0x6981, 0x6981},
        {&applet_jpki, "001C", 0x6981, 0x6981, 0x6981},
        {&applet_jpki, "001E", 0x6981, 0x6981, 0x6981},
        {&applet_text, "0010", 0x6981, 0x6300, 0x6984},
        {&applet_text, "0012", 0x6981, 0x63c0, 0x6984},
        {&applet_text, "001C", 0x6981, 0x6981, 0x6981},
        {&applet_visual, "001E", 0x6981, 0x6981, 0x6981},
        {&applet_common, "001E", 0x6981, 0x6981, 0x6981},
    };
    struct card_bench *bench = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char select[] = "00A4020C02....";

        memcpy(strchr(select, '.'), rows[i].fid, 4);
        bench_select(bench, rows[i].applet);
        assert_sw(bench, select, SW_OK);
        assert_sw(bench, "00B0000000", rows[i].read);
        assert_sw(bench, "00200080", rows[i].query);
        assert_sw(bench, "0020008000", rows[i].query);
        assert_sw(bench, "002000800431323334", rows[i].verify);
        assert_sw(bench, "00200080", rows[i].query);
        assert_sw(bench, "802A00800100", 0x6981);
    }
}

/* card.md 5 */
static void every_pin_has_its_own_tries(void **state)
{
    static const unsigned tries[CARD_PINS_] = {
        [CARD_PIN_SIGN] = 5,    [CARD_PIN_AUTH] = 3,      [CARD_PIN_TEXT] = 3,
        [CARD_PIN_TEXT_A] = 10, [CARD_PIN_TEXT_B] = 10,   [CARD_PIN_TEXT_0012] = 0,
        [CARD_PIN_BIRTH] = 10,  [CARD_PIN_VISUAL_B] = 10, [CARD_PIN_VISUAL_A] = 10,
        [CARD_PIN_COMMON] = 3,  [CARD_PIN_JUKI] = 3,
    };
    struct card_bench *bench = *state;

    for (unsigned i = 0; i < CARD_PINS_; i++) {
        uint8_t p2 = bench_pin_p2((enum card_pin)i);

        bench_select(bench, card_node_applet(NODE_PIN, i));
        for (unsigned left = tries[i]; left > 0; left--) {
            assert_int_equal(bench_verify(bench, p2, ""), 0x63c0 | left);
            assert_int_equal(bench_verify(bench, p2, "999999"), 0x63c0 | (left - 1));
            assert_int_equal(bench->storage.tries[i], left - 1);
        }
        assert_int_equal(bench_verify(bench, p2, ""), 0x63c0);
        assert_int_equal(bench_verify(bench, p2,
                                      memory_card_pin((enum card_pin)i) == NULL
                                          ? "1234"
                                          : memory_card_pin((enum card_pin)i)),
                         0x6984);
        for (unsigned other = i + 1; other < CARD_PINS_; other++)
            assert_int_equal(bench->storage.tries[other], tries[other]);
    }
}

/* card.md 4.5 */
static void another_applet_or_the_manager_forgets_pins(void **state)
{
    struct card_bench *bench = *state;

    bench_select(bench, &applet_text);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_TEXT_PIN), SW_OK);
    bench_select(bench, &applet_text);
    assert_int_equal(read_sfi(bench, 1), SW_OK);
    assert_sw(bench, "00A4040C06D27600012401", SW_FILE_NOT_FOUND);
    assert_int_equal(read_sfi(bench, 1), SW_OK); /* a failed SELECT changes nothing */
    bench_select(bench, &applet_visual);
    bench_select(bench, &applet_text);
    assert_int_equal(read_sfi(bench, 1), SW_SECURITY_STATUS);
    assert_int_equal(bench_verify(bench, 0x91, MEMORY_CARD_TEXT_PIN), SW_OK);
    bench_select(bench, &applet_isd);
    bench_select(bench, &applet_text);
    assert_int_equal(read_sfi(bench, 1), SW_SECURITY_STATUS);
}

/* card.md 3.5, 3.6, 4.1 */
static void records_are_read_by_number(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "00B2010C00", 0x6A82); /* no applet */
    bench_select(bench, &applet_common);
    assert_sw(bench, "00B2010400", 0x6986); /* no file */
    assert_sw(bench, "00B2020C00", 0x6A83); /* there is one record */
    assert_sw(bench, "00B2000C00", 0x6A83);
    assert_sw(bench, "00B2010D00", 0x6A86); /* no mode of ours */
    assert_sw(bench, "00B201FC00", 0x6A86);
    assert_sw(bench, "00B2010C0100", 0x6700); /* data */
    assert_sw(bench, "00B2010C1D", 0x6700);   /* one byte less than it has */
    assert_sw(bench, "00B2011400", 0x6981);   /* EF 0002 is transparent */
    assert_sw(bench, "00B2016400", 0x6A82);   /* no file 000C */
    assert_sw(bench, "00B0810000", 0x6981);   /* the file of records is not transparent */
    assert_sw(bench, "00B2010C00", 0x9000);
    assert_int_equal(bench->data.len, 30);
    assert_memory_equal(bench->data.ptr, MEMORY_CARD_RECORD, 30);
    assert_sw(bench, "00B201041E", 0x9000); /* it is the current file now */
    assert_sw(bench, "00B2010C", 0x9000);   /* no Le */
    bench_select(bench, &applet_juki);
    assert_sw(bench, "00A4020C020002", 0x9000);
    assert_sw(bench, "00B2010400", 0x9000);
    assert_memory_equal(bench->data.ptr, MEMORY_CARD_KEYREF, 18);
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00B2010C00", 0x6981);
}

/* card.md 1.2, 3.7 */
static void objects_are_got_by_tag(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "00CA004300", 0x6A88);
    assert_sw(bench, "00CADF3005", 0x6A88);
    assert_sw(bench, "00CA00450100", 0x6700); /* data */
    assert_sw(bench, "00CA00450D", 0x6700);   /* one byte less */
    assert_sw(bench, "00CA7F2100", 0x6700);   /* 300 bytes and a short Le */
    assert_sw(bench, "00CA00450E", 0x9000);
    assert_memory_equal(bench->data.ptr, "TEST0000000001", 14);
    assert_sw(bench, "00CA0045", 0x9000);
    assert_sw(bench, "00CA7F21000000", 0x9000);
    assert_int_equal(bench->data.len, 300);
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "00CA004500", 0x9000);
}

static void a_blank_card_has_neither_applets_nor_objects(void **state)
{
    struct card_bench *bench = *state;

    card_free(bench->card);
    bench->card = memory_card_new_keyed(&bench->storage); /* with all keys, but nobody's */
    assert_sw(bench, "00A4040C0AD3921000310001010408", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010402", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010401", 0x6A82);
    assert_sw(bench, "00A4040C0AD3921000310001010100", 0x6A82);
    assert_sw(bench, "00CA004500", 0x6A88);
}

/* card.md 4.1 */
static void what_this_card_has_no_session_for_is_refused(void **state)
{
    struct card_bench *bench = *state;

    assert_sw(bench, "04A4040C0AD392F000260100000001", 0x6882);
    assert_sw(bench, "08A4040C0AD3921000310001010408", 0x6882);
    bench_select(bench, &applet_text);
    assert_sw(bench, "08B0000000", 0x69FC);
    assert_sw(bench, "0C200080", 0x69FC);
    assert_sw(bench, "842A0080", 0x69FC);
    assert_sw(bench, "80AE00000100", 0x66F1);
    assert_sw(bench, "80A206C10100", 0x6A86); /* not in the JPKI applet */
    bench_select(bench, &applet_jpki);
    assert_sw(bench, "80A206C1021122", 0x6700);
    assert_sw(bench, "80A200C1021122", 0x6700);
    assert_sw(bench, "80A201C1021122", 0x6A86);
    assert_sw(bench, "80A206C0021122", 0x6A86);
    assert_sw(bench, "80FC0000", 0x6700); /* plastic */
    assert_sw(bench, "40A4040C", 0x6E00);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_bench_test(every_file_of_the_fact_sheet_exists_and_no_other),
        card_bench_test(the_card_manager_has_no_files),
        card_bench_test(no_pin_opens_what_is_not_its_own),
        card_bench_test(every_file_has_its_size_and_filler_for_whoever_may_read_it),
        card_bench_test(files_that_nobody_knows_give_nothing_away),
        card_bench_test(every_pin_has_its_own_tries),
        card_bench_test(another_applet_or_the_manager_forgets_pins),
        card_bench_test(records_are_read_by_number),
        card_bench_test(objects_are_got_by_tag),
        card_bench_test(a_blank_card_has_neither_applets_nor_objects),
        card_bench_test(what_this_card_has_no_session_for_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, card_bench_release_keys);
}
