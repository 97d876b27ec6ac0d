/* SPDX-License-Identifier: Apache-2.0 */
#include "card/image.h"

#include "base/hex.h"
#include "iso7816/tlv.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(const char *hex)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct image image = {.serial = "untouched"};

    assert_int_equal(hex_decode(hex, &body, NULL), 0);
    assert_int_equal(image_read(buf_bytes(&body), &image, NULL), -ERR_INPUT);
    assert_string_equal(image.serial, "untouched");
}

#define SERIAL "80024131"
#define TOKEN                                                                                      \
    "A108"                                                                                         \
    "8203010006"                                                                                   \
    "8301AA"

static void what_would_not_be_written_is_not_read(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("8100");                                   /* no serial */
    assert_refused("8000");                                   /* an empty one */
    assert_refused("80022041");                               /* a blank in it */
    assert_refused("80114141414141414141414141414141414141"); /* 17 characters */
    assert_refused(SERIAL SERIAL);
    assert_refused(SERIAL "00"); /* bytes behind */
    assert_refused(SERIAL "A100");
    assert_refused(SERIAL "A108"
                          "8303010006"
                          "8301AA"); /* wrong order of tags */
    assert_refused(SERIAL "A107"
                          "82020006"
                          "8301AA"); /* a short address */
    assert_refused(SERIAL "A10A"
                          "8203010006"
                          "8301AA"
                          "8400"); /* a third member */
    assert_refused(SERIAL "A108"
                          "8203010007"
                          "8301AA"); /* no such file */
    assert_refused(SERIAL "A108"
                          "8203990006"
                          "8301AA"); /* no such applet */
    assert_refused(SERIAL "A108"
                          "8203010018"
                          "8301AA"); /* a PIN among the files */
    assert_refused(SERIAL "A207"
                          "8203010006"
                          "8300"); /* a file among the PINs */
    assert_refused(SERIAL "A107"
                          "8203010006"
                          "8300"); /* an empty file */
    assert_refused(SERIAL "A109"
                          "8203010008"
                          "830411223344"); /* cut off */
    assert_refused(SERIAL "A10B"
                          "8203010008"
                          "830411223344"); /* longer than the file */
    assert_refused(SERIAL "A208"
                          "8203010018"
                          "8301AA"); /* half a verifier */
    assert_refused(SERIAL "A308"
                          "8203010017"
                          "8301AA");    /* no key */
    assert_refused(SERIAL TOKEN TOKEN); /* twice */
}

static void assert_file_max(enum card_data which, size_t max)
{
    CLEANUP(image_done) struct image image = {.serial = "A1"};
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(secret_done) struct secret larger = SECRET_INIT;

    while (image.data[which].len < max)
        assert_int_equal(buf_append_byte(&image.data[which], 0x30, NULL), 0);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_int_equal(buf_append_byte(&image.data[which], 0x30, NULL), 0);
    assert_int_equal(image_write(&image, &larger, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&larger), &back, NULL), -ERR_INPUT);
}

static void a_file_holds_what_it_was_allotted_and_no_more(void **state)
{
    (void)state;
    assert_file_max(CARD_AUTH_CERT, CARD_CERT_SIZE);
    assert_file_max(CARD_SIGN_CERT, CARD_CERT_SIZE);
    assert_file_max(CARD_AUTH_CA_CERT, CARD_CA_CERT_SIZE);
    assert_file_max(CARD_SIGN_CA_CERT, CARD_CA_CERT_SIZE);
    assert_file_max(CARD_TEXT_NUMBER, CARD_NUMBER_SIZE);
    assert_file_max(CARD_TEXT_ATTRS, CARD_ATTRS_SIZE);
    assert_file_max(CARD_TEXT_DIGESTS, CARD_DIGESTS_SIZE);
    assert_file_max(CARD_TEXT_CVC, CARD_CVC_SIZE);
    assert_file_max(CARD_VISUAL_CVC, CARD_CVC_SIZE);
    assert_file_max(CARD_TEXT_INFO, CARD_TEXT_INFO_SIZE);
    assert_file_max(CARD_TEXT_SM_KEY, CARD_SM_KEY_SIZE);
    assert_file_max(CARD_TEXT_KEY, CARD_TEXT_KEY_SIZE);
    assert_file_max(CARD_VISUAL_AGE, CARD_AGE_SIZE);
    assert_file_max(CARD_VISUAL_FACE, CARD_FACE_SIZE);
    assert_file_max(CARD_VISUAL_INFO, CARD_VISUAL_INFO_SIZE);
    assert_file_max(CARD_VISUAL_NUMBER, CARD_VISUAL_NUMBER_SIZE);
    assert_file_max(CARD_COMMON_KEYREF, CARD_UNKNOWN_SIZE);
    assert_file_max(CARD_COMMON_RECORD, CARD_RECORDS_SIZE);
    assert_file_max(CARD_MF_CVC, CARD_OBJECT_SIZE);
}

static void reading_undoes_writing(void **state)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    CLEANUP(image_done) struct image image = {.serial = ""};
    CLEANUP(image_done) struct image back = {.serial = ""};

    (void)state;
    memory_card_image(&image);
    assert_int_equal(privkey_generate(2048, &image.new_keys[CARD_KEY_SIGN], NULL), 0);
    assert_int_equal(privkey_generate(2048, &image.new_keys[CARD_KEY_AUTH], NULL), 0);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_non_null(back.new_keys[CARD_KEY_SIGN]);
    assert_non_null(back.new_keys[CARD_KEY_AUTH]);
    assert_string_equal(back.serial, image.serial);
    assert_true(image_is_personalised(&back));
    assert_int_equal(pin_check(&back.pins[CARD_PIN_SIGN], bytes_text(MEMORY_CARD_SIGN_PIN), NULL),
                     0);
    assert_int_equal(image_write(&back, &again, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&body), secret_bytes(&again)));
}

static void a_new_key_is_once_there_and_for_jpki(void **state)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(image_done) struct image image = {.serial = "A1"};
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    struct image back;
    size_t entry = 4; /* behind the serial */
    uint32_t text = card_node_address(NODE_KEY, CARD_KEY_TEXT);

    (void)state;
    assert_int_equal(privkey_generate(2048, &image.new_keys[CARD_KEY_SIGN], NULL), 0);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(buf_copy(secret_bytes(&body), &changed, NULL), 0);
    assert_int_equal(buf_append(&changed, bytes_of(body.ptr + entry, body.len - entry), NULL), 0);
    assert_int_equal(image_read(buf_bytes(&changed), &back, NULL), -ERR_INPUT);
    changed.len = body.len;
    /* A4 82 LL LL 82 03 applet FID: the address of a key of another applet instead. */
    changed.ptr[entry + 6] = (uint8_t)(text >> 16);
    changed.ptr[entry + 7] = (uint8_t)(text >> 8);
    changed.ptr[entry + 8] = (uint8_t)text;
    assert_int_equal(image_read(buf_bytes(&changed), &back, NULL), -ERR_INPUT);
    changed.ptr[entry] = 0xa3; /* as that key itself it is fine */
    assert_int_equal(image_read(buf_bytes(&changed), &back, NULL), 0);
    assert_non_null(back.keys[CARD_KEY_TEXT]);
    image_done(&back);
}

static void every_shorter_body_is_refused_or_another_card(void **state)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(image_done) struct image image = {.serial = ""};

    (void)state;
    memory_card_image(&image);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    for (size_t len = 0; len < body.len; len += 7) {
        CLEANUP(secret_done) struct secret again = SECRET_INIT;
        CLEANUP(image_done) struct image part = {.serial = ""};

        if (image_read(bytes_of(body.ptr, len), &part, NULL) < 0)
            continue;
        assert_int_equal(image_write(&part, &again, NULL), 0);
        assert_int_equal(again.len, len); /* it ended between two entries */
    }
}

static void grow(struct image *image, enum card_data which, size_t len)
{
    while (image->data[which].len < len)
        assert_int_equal(buf_append_byte(&image->data[which], 0x55, NULL), 0);
}

/* With the files of today nothing comes near it, so some grow past their own sizes here. */
static void a_card_that_is_too_full_is_not_written(void **state)
{
    CLEANUP(image_done) struct image image = {.serial = "A1"};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    size_t overhead = 4 + 5; /* entry, address */
    size_t rest;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        grow(&image, (enum card_data)i, 60000);
    rest = CARD_BODY_MAX - 4 - 4 * (60000 + overhead + 4) - overhead - 4;
    grow(&image, CARD_TOKEN, rest);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(body.len, CARD_BODY_MAX);
    grow(&image, CARD_TOKEN, rest + 1);
    secret_done(&body);
    assert_int_equal(image_write(&image, &body, NULL), -ERR_INPUT);
}

static void a_kind_is_named_once_and_only_if_it_is_not_plastic(void **state)
{
    CLEANUP(image_done) struct image image = {.serial = "A1", .kind = CARD_IPHONE};
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;

    (void)state;
    assert_int_equal(CARD_NAME_MAX, 32);
    assert_refused(SERIAL "8420"
                          "6970686F6E6565656565656565656565"
                          "65656565656565656565656565656565"); /* as long as a name may be */
    assert_refused(SERIAL "8421"
                          "6970686F6E6565656565656565656565"
                          "6565656565656565656565656565656565"); /* one more */
    assert_refused(SERIAL "8407706C6173746963");                 /* plastic */
    assert_refused(SERIAL "8400");                               /* nothing */
    assert_refused(SERIAL "840461726368");                       /* none we know */
    assert_refused(SERIAL "84086970686F6E650061");               /* iphone, and more behind a NUL */
    assert_refused(SERIAL "84066970686F6E6584066970686F6E65");   /* twice */
    assert_refused("84066970686F6E65" SERIAL);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_int_equal(back.kind, CARD_IPHONE);
}

static void options_are_read_in_the_spelling_they_are_written_in(void **state)
{
    CLEANUP(image_done) struct image image = {.serial = "A1"};
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;

    (void)state;
    assert_refused(SERIAL "8500");                           /* none */
    assert_refused(SERIAL "85086663693D6E6F6E65");           /* fci=none goes without saying */
    assert_refused(SERIAL "850C6663693D74656D706C6174652C"); /* fci=template, */
    assert_refused(SERIAL "8505783D793D7A");                 /* cut off */
    assert_int_equal(
        card_options_parse(BYTES_LITERAL("pss-salt=20,fci=template"), &image.options, NULL), 0);
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_int_equal(card_option(&back.options, OPTION_PSS_SALT), 20);
    assert_int_equal(card_option(&back.options, OPTION_FCI), FCI_TEMPLATE);
    assert_int_equal(card_option(&back.options, OPTION_RESELECT), RESELECT_KEEPS_PINS);
}

/* The longest text that is looked at, and one byte more, neither of which we would write. */
static void options_have_a_limit(void **state)
{
    static const uint8_t serial[] = {0x80, 0x02, 'A', '1'};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    uint8_t text[CARD_OPTIONS_TEXT_MAX + 1];
    struct image image;
    struct err err;

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(buf_copy(BYTES_ARRAY(serial), &body, NULL), 0);
    assert_int_equal(tlv_append(&body, 0x85, bytes_of(text, CARD_OPTIONS_TEXT_MAX), NULL), 0);
    assert_int_equal(image_read(buf_bytes(&body), &image, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "no option"));
    body.len = sizeof serial;
    assert_int_equal(tlv_append(&body, 0x85, BYTES_ARRAY(text), NULL), 0);
    assert_int_equal(image_read(buf_bytes(&body), &image, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "1025 bytes"));
}

static void a_dead_card_is_dead_when_it_is_read_again(void **state)
{
    CLEANUP(image_done) struct image image = {.serial = "A1", .is_dead = true};
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;

    (void)state;
    assert_refused(SERIAL "860100");
    assert_refused(SERIAL "86008600");
    assert_int_equal(image_write(&image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_true(back.is_dead);
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_not_be_written_is_not_read),
        cmocka_unit_test(a_file_holds_what_it_was_allotted_and_no_more),
        cmocka_unit_test(reading_undoes_writing),
        cmocka_unit_test(a_new_key_is_once_there_and_for_jpki),
        cmocka_unit_test(every_shorter_body_is_refused_or_another_card),
        cmocka_unit_test(a_card_that_is_too_full_is_not_written),
        cmocka_unit_test(a_kind_is_named_once_and_only_if_it_is_not_plastic),
        cmocka_unit_test(options_are_read_in_the_spelling_they_are_written_in),
        cmocka_unit_test(options_have_a_limit),
        cmocka_unit_test(a_dead_card_is_dead_when_it_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
