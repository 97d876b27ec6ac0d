/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are known from real cards. Signatures and pictures: tests/system/test_carddata.py. */
#include "carddata/limits.h"
#include "support/cardholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_cardholder made;

static int setup(void **state)
{
    (void)state;
    test_cardholder_make(&made);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cardholder_done(&made);
    return 0;
}

static void assert_refused(const struct carddata_issue *issue, enum err_kind kind)
{
    struct carddata_files files = {.count = 0};

    assert_int_equal(carddata_build(issue, &files, NULL), -(int)kind);
    assert_int_equal(files.count, 0);
}

static void assert_begins(const struct carddata_files *files, const char *applet, uint16_t fid,
                          struct bytes start)
{
    assert_true(bytes_start_with(carddata_files_find(files, applet, fid), start));
}

#define HEX(s) ((struct bytes){(const uint8_t *)(s), sizeof(s) - 1})

static void a_holder_who_is_none_gets_no_files(void **state)
{
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;

    (void)state;
    holder.mynumber = bytes_text("12345678901");
    issue.holder = &holder;
    assert_refused(&issue, ERR_INPUT);
}

static void certificates_and_keys_of_another_form_are_refused(void **state)
{
    struct carddata_issue issue = made.issue;

    (void)state;
    issue.text_cvc = bytes_part(issue.text_cvc, 0, CVC_SIZE - 1);
    assert_refused(&issue, ERR_USAGE);
    issue = made.issue;
    issue.visual_cvc = bytes_of(NULL, 0);
    assert_refused(&issue, ERR_USAGE);
    issue = made.issue;
    issue.visual_key = bytes_text("no key");
    assert_refused(&issue, ERR_INPUT);
}

static int refuse_to_sign(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                          struct bytes tbs, struct buf *ret_signature, struct err *err)
{
    (void)context;
    (void)applet;
    (void)kind;
    (void)tbs;
    (void)ret_signature;
    return FAIL(err, ERR_DENIED, "this key does not sign");
}

static int sign_short(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                      struct bytes tbs, struct buf *ret_signature, struct err *err)
{
    (void)context;
    (void)applet;
    (void)kind;
    return buf_copy(bytes_part(tbs, 0, 64), ret_signature, err);
}

static void without_its_signatures_nothing_is_made(void **state)
{
    struct carddata_issue issue = made.issue;

    (void)state;
    issue.sign = refuse_to_sign;
    assert_refused(&issue, ERR_DENIED);
    issue.sign = sign_short;
    assert_refused(&issue, ERR_USAGE);
}

static void all_files_are_there_once(void **state)
{
    static const struct {
        const char *applet;
        uint16_t fid;
        size_t size; /* 0: not fixed */
    } rows[] = {
        {"text", 0x0001, 17},   {"text", 0x0002, 0},     {"text", 0x0003, 336},
        {"text", 0x0004, 568},  {"text", 0x0005, 256},   {"text", 0x0006, 269},
        {"text", 0x0007, 536},  {"text", 0x0008, 16},    {"visual", 0x0001, 547},
        {"visual", 0x0002, 0},  {"visual", 0x0003, 320}, {"visual", 0x0004, 568},
        {"visual", 0x0005, 0},  {"visual", 0x0006, 16},  {"juki", 0x0002, 18},
        {"common", 0x0001, 30}, {"common", 0x0002, 16},  {"mf", 0x0042, 15},
        {"mf", 0x0045, 17},     {"mf", 0x0066, 51},      {"mf", 0x00f0, 5},
        {"mf", 0x00f2, 8},      {"mf", 0x00f7, 13},      {"mf", 0x00f8, 13},
        {"mf", 0x7f21, 563},    {"mf", 0x5f51, 8},
    };
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};

    (void)state;
    assert_int_equal(carddata_build(&made.issue, &files, NULL), 0);
    assert_int_equal(files.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < files.count; i++) {
        assert_string_equal(files.list[i].applet, rows[i].applet);
        assert_int_equal(files.list[i].fid, rows[i].fid);
        if (rows[i].size != 0)
            assert_int_equal(files.list[i].contents.len, rows[i].size);
    }
    assert_int_equal(carddata_files_find(&files, "text", 0x0009).len, 0);
}

static void the_number_has_two_bytes_of_filler(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};

    (void)state;
    assert_int_equal(carddata_build(&made.issue, &files, NULL), 0);
    assert_true(
        bytes_equal(carddata_files_find(&files, "text", 0x0001), HEX("\xff\x10\x0c"
                                                                     "123456789018\xff\xff")));
}

/* card.md 3.2: a name of 15 bytes and an address of 54 give these very offsets. */
static void the_offsets_are_those_of_a_real_card(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;

    (void)state;
    holder.address = bytes_text("東京都千代田区見本町一丁目２番３４号");
    assert_int_equal(holder.address.len, 54);
    issue.holder = &holder;
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    assert_begins(&files, "text", 0x0002,
                  HEX("\xff\x20\x65\xdf\x21\x08\x00\x0e\x00\x20\x00\x59\x00\x64\xdf\x22\x0f"));
    assert_int_equal(carddata_files_find(&files, "text", 0x0002).len, 104);
}

/* One byte more of length moves every offset. */
static void the_offsets_move_with_the_length(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;
    static char address[3 * CARDDATA_ADDRESS_MAX];

    (void)state;
    memset(address, 'a', sizeof address);
    issue.holder = &holder;
    holder.address = bytes_of(address, 81); /* 15 + 81 + 4 headers: 128 bytes */
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    assert_begins(&files, "text", 0x0002,
                  HEX("\xff\x20\x81\x80\xdf\x21\x08\x00\x0f\x00\x21\x00\x75\x00\x80\xdf\x22\x0f"));
    carddata_files_done(&files);
    holder.address = bytes_of(address, 200);
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    /* an address of 200 bytes has a header of four itself */
    assert_begins(&files, "text", 0x0002,
                  HEX("\xff\x20\x81\xf8\xdf\x21\x08\x00\x0f\x00\x21\x00\xed\x00\xf8\xdf\x22\x0f"));
    carddata_files_done(&files);
    for (size_t i = 0; i < CARDDATA_ADDRESS_MAX; i++)
        memcpy(address + 3 * i, "本", 3);
    holder.address = bytes_of(address, sizeof address);
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    assert_begins(&files, "text", 0x0002,
                  HEX("\xff\x20\x82\x02\x89\xdf\x21\x08\x00\x10\x00\x22\x02\x7f\x02\x8a\xdf\x22"));
}

static void lengths_need_not_be_short(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct bytes info;

    (void)state;
    assert_int_equal(carddata_build(&made.issue, &files, NULL), 0);
    assert_begins(&files, "text", 0x0005,
                  HEX("\xff\x40\x82\x00\x9f\xdf\x41\x04\x01\x03\x0e\x01\xdf\x42\x10"
                      "9000034\x08\x05"
                      "001\0\0\0\0\xdf\x43\x82\x00\x80OpenJPKI TEST  "));
    info = carddata_files_find(&files, "text", 0x0005);
    assert_int_equal(info.ptr[163], 0xff);
    assert_int_equal(info.ptr[255], 0xff);
}

/* card.md 3.5: 15 digits of the card, 5 of the municipality, 8 of the expiry. */
static void the_common_record_has_28_digits(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};

    (void)state;
    assert_int_equal(carddata_build(&made.issue, &files, NULL), 0);
    assert_true(bytes_equal(carddata_files_find(&files, "common", 0x0001),
                            HEX("\x01\x1c"
                                "9000000000000181310120350415")));
    assert_true(bytes_equal(carddata_files_find(&files, "mf", 0x00f2), bytes_text("20350415")));
    assert_begins(&files, "juki", 0x0002, HEX("\x01\x10"));
}

static void without_a_photo_its_field_is_empty(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;
    struct bytes face;

    (void)state;
    holder.photo = bytes_of(NULL, 0);
    issue.holder = &holder;
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    face = carddata_files_find(&files, "visual", 0x0002);
    assert_non_null(memmem(face.ptr, face.len, "\xdf\x27\x00\xdf\x28\x82\x01\x00", 8));
}

/* The attributes have so much room on a card: names in characters of four bytes fill it. */
static void attributes_may_be_so_long(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;
    static char text[4 * CARDDATA_ADDRESS_MAX];
    size_t name_len = 4UL * 48;
    /* outer header 5, offsets 11, headers of name and address 4 and 5, birth date 11, sex 4 */
    size_t address_len = CARDDATA_ATTRS_MAX - 5 - 11 - 4 - 5 - 11 - 4 - name_len;

    (void)state;
    for (size_t i = 0; i < CARDDATA_ADDRESS_MAX; i++)
        memcpy(text + 4 * i, "\xf0\xa0\x80\x8b", 4);
    issue.holder = &holder;
    holder.name = bytes_of(text, name_len);
    holder.address = bytes_of(text, address_len);
    assert_int_equal(address_len % 4, 0);
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    assert_int_equal(carddata_files_find(&files, "text", 0x0002).len, CARDDATA_ATTRS_MAX);
    holder.address = bytes_of(text, address_len + 4);
    assert_refused(&issue, ERR_INPUT);
}

/* 300 different characters of many strokes and a photo of the largest size. */
static void the_largest_face_fits_on_a_card(void **state)
{
    enum { CARD_ROOM = 24576 };
    static uint8_t photo[CARDDATA_PHOTO_MAX];
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct cardholder holder = made.holder;
    struct carddata_issue issue = made.issue;

    (void)state;
    for (unsigned i = 0; i < CARDDATA_ADDRESS_MAX; i++) {
        unsigned point = 0x9b00 + i; /* ideographs of horse, fight and fish */
        const uint8_t utf8[] = {(uint8_t)(0xe0 | point >> 12), (uint8_t)(0x80 | (point >> 6 & 63)),
                                (uint8_t)(0x80 | (point & 63))};

        assert_int_equal(buf_append(&text, BYTES_ARRAY(utf8), NULL), 0);
    }
    holder.name = bytes_part(buf_bytes(&text), 0, 3UL * CARDDATA_NAME_MAX);
    holder.address = buf_bytes(&text);
    holder.photo = BYTES_ARRAY(photo);
    issue.holder = &holder;
    assert_int_equal(carddata_build(&issue, &files, NULL), 0);
    assert_in_range(carddata_files_find(&files, "visual", 0x0002).len, sizeof photo + 5000,
                    CARD_ROOM);
}

/* RFC 8017, A.2.4: the hash's own form for all but the face, whose octet string has 96 bytes. */
static void the_face_is_signed_in_a_form_of_its_own(void **state)
{
    static const uint8_t tbs[CARDDATA_TBS_FACE_SIZE + 1] = {1};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf usual = BUF_INIT;

    (void)state;
    assert_int_equal(carddata_digestinfo(CARDDATA_TBS_FACE, BYTES_ARRAY(tbs), &out, NULL),
                     -ERR_USAGE);
    assert_int_equal(carddata_digestinfo(CARDDATA_TBS_FACE,
                                         bytes_of(tbs, CARDDATA_TBS_FACE_SIZE - 1), &out, NULL),
                     -ERR_USAGE);
    assert_int_equal(
        carddata_digestinfo(CARDDATA_TBS_FACE, bytes_of(tbs, CARDDATA_TBS_FACE_SIZE), &out, NULL),
        0);
    assert_int_equal(out.len, 2 + 0x71);
    assert_true(bytes_start_with(buf_bytes(&out), HEX("\x30\x71\x30\x0d\x06\x09")));
    assert_true(bytes_equal(bytes_part(buf_bytes(&out), 17, 2 + CARDDATA_TBS_FACE_SIZE),
                            HEX("\x04\x60\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0")));
    assert_int_equal(carddata_digestinfo(CARDDATA_TBS_AGE, BYTES_ARRAY(tbs), &usual, NULL), 0);
    assert_int_equal(usual.len, 51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holder_who_is_none_gets_no_files),
        cmocka_unit_test(certificates_and_keys_of_another_form_are_refused),
        cmocka_unit_test(without_its_signatures_nothing_is_made),
        cmocka_unit_test(all_files_are_there_once),
        cmocka_unit_test(the_number_has_two_bytes_of_filler),
        cmocka_unit_test(the_offsets_are_those_of_a_real_card),
        cmocka_unit_test(the_offsets_move_with_the_length),
        cmocka_unit_test(lengths_need_not_be_short),
        cmocka_unit_test(the_common_record_has_28_digits),
        cmocka_unit_test(without_a_photo_its_field_is_empty),
        cmocka_unit_test(attributes_may_be_so_long),
        cmocka_unit_test(the_largest_face_fits_on_a_card),
        cmocka_unit_test(the_face_is_signed_in_a_form_of_its_own),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
