/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/limits.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_not_built(const struct name_row *rows, size_t count)
{
    struct buf der = BUF_INIT;

    assert_int_equal(name_build(rows, count, &der, NULL), -ERR_INPUT);
    assert_null(der.ptr);
}

static void text_that_its_type_cannot_hold_is_refused(void **state)
{
    static const struct name_row underscore = {OID_COMMON_NAME, DER_PRINTABLE_STRING, "a_b"};
    static const struct name_row kanji = {OID_COMMON_NAME, DER_PRINTABLE_STRING, "署名用"};
    static const struct name_row broken = {OID_COMMON_NAME, DER_UTF8_STRING, "\xe7\xbd"};
    static const struct name_row empty = {OID_COMMON_NAME, DER_UTF8_STRING, ""};
    static const struct name_row octets = {OID_COMMON_NAME, DER_OCTET_STRING, "x"};

    (void)state;
    assert_not_built(&underscore, 1);
    assert_not_built(&kanji, 1);
    assert_not_built(&broken, 1);
    assert_not_built(&empty, 1);
    assert_not_built(&octets, 1);
    assert_not_built(NULL, 0);
}

static void attributes_and_parts_end_at_their_limits(void **state)
{
    char longest[X509_ATTRIBUTE_MAX + 2];
    const struct name_row row = {OID_COMMON_NAME, DER_UTF8_STRING, longest};
    struct name_row many[X509_RDNS_MAX + 1];
    CLEANUP(buf_done) struct buf most = BUF_INIT;
    CLEANUP(buf_done) struct buf widest = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[X509_ATTRIBUTE_MAX + 1] = '\0';
    assert_not_built(&row, 1);
    longest[X509_ATTRIBUTE_MAX] = '\0';
    assert_int_equal(name_build(&row, 1, &widest, NULL), 0);
    for (size_t i = 0; i < X509_RDNS_MAX + 1; i++)
        many[i] = (struct name_row){OID_COMMON_NAME, DER_UTF8_STRING, "a"};
    assert_not_built(many, X509_RDNS_MAX + 1);
    assert_int_equal(name_build(many, X509_RDNS_MAX, &most, NULL), 0);
    assert_int_equal(name_append_text(&text, buf_bytes(&most), NULL), 0);
    assert_int_equal(text.len, X509_RDNS_MAX * 5 - 1);
}

static void several_attributes_in_one_part_are_refused(void **state)
{
    static const struct bytes two = BYTES_LITERAL(
        "\x30\x18\x31\x16\x30\x09\x06\x03\x55\x04\x06\x13\x02JP"
        "\x30\x09\x06\x03\x55\x04\x0a\x0c\x02XY");

    (void)state;
    assert_int_equal(name_check(two, NULL), -ERR_INPUT);
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(name_check(bytes_of(NULL, 0), NULL), -ERR_INPUT);
    assert_int_equal(name_check(BYTES_LITERAL("\x30\x00"), NULL), -ERR_INPUT);
    assert_int_equal(name_check(BYTES_LITERAL("\x30\x02\x31\x00"), NULL), -ERR_INPUT);
    assert_int_equal(name_check(BYTES_LITERAL("\x31\x00"), NULL), -ERR_INPUT);
    assert_int_equal(
        name_check(BYTES_LITERAL("\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03"), NULL),
        -ERR_INPUT); /* no value */
}

static void build(const struct name_row *rows, size_t count, struct buf *der)
{
    assert_int_equal(name_build(rows, count, der, NULL), 0);
}

static void assert_text(struct bytes der, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(name_append_text(&text, der, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), bytes_text(expected)));
}

/* RFC 4514, 2.4 */
static void special_characters_are_escaped(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"a,b", "CN=a\\,b"},   {"a+b;c", "CN=a\\+b\\;c"},   {"\"<>\\", "CN=\\\"\\<\\>\\\\"},
        {" a ", "CN=\\ a\\ "}, {"#a#", "CN=\\#a#"},         {"\x1b[1m", "CN=\\1b[1m"},
        {"a\x7f", "CN=a\\7f"}, {"\xc2\x9b", "CN=\\c2\\9b"}, {"試験 太郎", "CN=試験 太郎"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct name_row row = {OID_COMMON_NAME, DER_UTF8_STRING, rows[i].text};
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        build(&row, 1, &der);
        assert_text(buf_bytes(&der), rows[i].expected);
    }
}

static const struct name_row subject[] = {
    {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
    {OID_LOCALITY, DER_UTF8_STRING, "Hyogo-ken"},
    {OID_LOCALITY, DER_UTF8_STRING, "Kobe-shi"},
    {OID_COMMON_NAME, DER_UTF8_STRING, "x"},
};

static void the_text_begins_with_the_last_part(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    build(subject, 4, &der);
    assert_text(buf_bytes(&der), "CN=x,L=Kobe-shi,L=Hyogo-ken,C=JP");
}

/* RFC 4514, 2.3 and 2.4: dotted type, hexadecimal value */
static void unknown_attributes_are_written_as_octets(void **state)
{
    (void)state;
    assert_text(BYTES_LITERAL("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x2a\x0c\x02XY"),
                "2.5.4.42=#0c025859");
}

static void values_are_found_by_attribute_and_position(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct bytes value = {NULL, 99};

    (void)state;
    build(subject, 4, &der);
    assert_int_equal(name_find(buf_bytes(&der), OID_LOCALITY, 2, &value, NULL), -ERR_ABSENT);
    assert_int_equal(name_find(buf_bytes(&der), OID_ORGANIZATION, 0, &value, NULL), -ERR_ABSENT);
    assert_int_equal(value.len, 99);
    assert_int_equal(name_find(buf_bytes(&der), OID_LOCALITY, 1, &value, NULL), 0);
    assert_true(bytes_equal(value, bytes_text("Kobe-shi")));
}

static void the_same_text_in_another_string_type_is_another_name(void **state)
{
    static const struct name_row utf8 = {OID_COUNTRY, DER_UTF8_STRING, "JP"};
    CLEANUP(buf_done) struct buf printable_name = BUF_INIT;
    CLEANUP(buf_done) struct buf utf8_name = BUF_INIT;

    (void)state;
    build(subject, 1, &printable_name);
    build(&utf8, 1, &utf8_name);
    assert_false(name_equal(buf_bytes(&printable_name), buf_bytes(&utf8_name)));
    assert_true(name_equal(buf_bytes(&utf8_name), buf_bytes(&utf8_name)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_its_type_cannot_hold_is_refused),
        cmocka_unit_test(attributes_and_parts_end_at_their_limits),
        cmocka_unit_test(several_attributes_in_one_part_are_refused),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(special_characters_are_escaped),
        cmocka_unit_test(the_text_begins_with_the_last_part),
        cmocka_unit_test(unknown_attributes_are_written_as_octets),
        cmocka_unit_test(values_are_found_by_attribute_and_position),
        cmocka_unit_test(the_same_text_in_another_string_type_is_another_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
