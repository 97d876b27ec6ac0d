/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(enum base64_form form, const char *text)
{
    struct buf out = BUF_INIT;

    assert_int_equal(base64_decode(form, bytes_text(text), &out, NULL), -ERR_INPUT);
    assert_null(out.ptr);
}

static void other_spellings_are_refused(void **state)
{
    (void)state;
    assert_refused(BASE64_PADDED, "Zg");         /* RFC 4648, 3.2: padding is required */
    assert_refused(BASE64_PADDED, "Zg=");        /* not a multiple of four */
    assert_refused(BASE64_PADDED, "Zh==");       /* RFC 4648, 3.5: bits behind the last byte */
    assert_refused(BASE64_PADDED, "Zm9=");       /* the same in a group of two */
    assert_refused(BASE64_PADDED, "====");       /* padding alone */
    assert_refused(BASE64_PADDED, "Z===");       /* one digit */
    assert_refused(BASE64_PADDED, "Zm9v\nZm9v"); /* RFC 4648, 3.3: line feeds */
    assert_refused(BASE64_PADDED, "Zm-v");       /* the other alphabet */
    assert_refused(BASE64_URL, "Zm+v");
    assert_refused(BASE64_URL, "Zg=="); /* RFC 7515, 2: no padding */
    assert_refused(BASE64_URL, "Z");
}

/* RFC 4648, 10 */
static void the_published_vectors_hold_both_ways(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(buf_done) struct buf back = BUF_INIT;

        assert_int_equal(base64_append(&text, BASE64_PADDED, bytes_text(vectors[i][0]), NULL), 0);
        assert_true(bytes_equal(buf_bytes(&text), bytes_text(vectors[i][1])));
        assert_int_equal(base64_decode(BASE64_PADDED, buf_bytes(&text), &back, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&back), bytes_text(vectors[i][0])));
    }
}

static void the_url_alphabet_differs_in_two_digits(void **state)
{
    static const uint8_t data[] = {0xfb, 0xef, 0xff};
    CLEANUP(buf_done) struct buf padded = BUF_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;

    (void)state;
    assert_int_equal(base64_append(&padded, BASE64_PADDED, BYTES_ARRAY(data), NULL), 0);
    assert_int_equal(base64_append(&url, BASE64_URL, BYTES_ARRAY(data), NULL), 0);
    assert_true(bytes_equal(buf_bytes(&padded), bytes_text("++//")));
    assert_true(bytes_equal(buf_bytes(&url), bytes_text("--__")));
}

/* Each octet at each place of a group, in both forms, against the alphabet as it is written there.
 */
static void no_octet_outside_of_the_alphabet_is_a_digit_anywhere(void **state)
{
    static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        for (size_t place = 0; place < 4; place++) {
            const bool is_common = octet != 0 && strchr(common, octet) != NULL;
            const bool is_padded = is_common || octet == '+' || octet == '/';
            const bool is_url = is_common || octet == '-' || octet == '_';
            uint8_t text[8] = {'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
            CLEANUP(buf_done) struct buf padded = BUF_INIT;
            CLEANUP(buf_done) struct buf url = BUF_INIT;

            text[place] = (uint8_t)octet;
            assert_int_equal(base64_decode(BASE64_PADDED, BYTES_ARRAY(text), &padded, NULL),
                             is_padded ? 0 : -ERR_INPUT);
            assert_int_equal(base64_decode(BASE64_URL, BYTES_ARRAY(text), &url, NULL),
                             is_url ? 0 : -ERR_INPUT);
            assert_int_equal(padded.len, is_padded ? 6 : 0);
            assert_int_equal(url.len, is_url ? 6 : 0);
        }
    }
}

static void what_was_written_is_read_again_whatever_it_is(void **state)
{
    uint8_t data[64];

    (void)state;
    for (size_t len = 0; len <= sizeof data; len++) {
        for (int form = BASE64_PADDED; form <= BASE64_URL; form++) {
            CLEANUP(buf_done) struct buf text = BUF_INIT;
            CLEANUP(buf_done) struct buf back = BUF_INIT;

            for (size_t i = 0; i < len; i++)
                data[i] = (uint8_t)(i * 37 + len * 11 + 201);
            assert_int_equal(
                base64_append(&text, (enum base64_form)form, bytes_of(data, len), NULL), 0);
            assert_int_equal(base64_decode((enum base64_form)form, buf_bytes(&text), &back, NULL),
                             0);
            assert_true(bytes_equal(buf_bytes(&back), bytes_of(data, len)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(the_published_vectors_hold_both_ways),
        cmocka_unit_test(the_url_alphabet_differs_in_two_digits),
        cmocka_unit_test(no_octet_outside_of_the_alphabet_is_a_digit_anywhere),
        cmocka_unit_test(what_was_written_is_read_again_whatever_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
