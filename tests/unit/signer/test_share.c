/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void make(struct share *ret)
{
    *ret = (struct share){.set = "setnumb", .needed = 3, .total = 5, .number = 2};
    assert_int_equal(secret_new(SHARE_SECRET_SIZE, &ret->piece, NULL), 0);
    for (size_t i = 0; i < SHARE_SECRET_SIZE; i++)
        ret->piece.ptr[i] = (uint8_t)(i * 7);
}

static void write_it(const struct share *share, uint8_t ret[SHARE_SIZE])
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;

    assert_int_equal(share_write(share, &whole, NULL), 0);
    assert_int_equal(whole.len, SHARE_SIZE);
    memcpy(ret, whole.ptr, SHARE_SIZE);
}

static int parse(const uint8_t whole[SHARE_SIZE])
{
    CLEANUP(share_done) struct share share = {.number = 0};

    return share_parse(bytes_of(whole, SHARE_SIZE), &share, NULL);
}

static void a_share_with_any_byte_changed_is_none(void **state)
{
    CLEANUP(share_done) struct share share;
    uint8_t whole[SHARE_SIZE];

    (void)state;
    make(&share);
    write_it(&share, whole);
    for (size_t i = 0; i < SHARE_SIZE; i++) {
        whole[i] ^= 1;
        assert_int_equal(parse(whole), -ERR_INPUT);
        whole[i] ^= 1;
    }
    assert_int_equal(parse(whole), 0);
}

static void a_share_of_another_length_is_none(void **state)
{
    CLEANUP(share_done) struct share share;
    CLEANUP(share_done) struct share read = {.number = 0};
    uint8_t whole[SHARE_SIZE + 1] = {0};

    (void)state;
    make(&share);
    write_it(&share, whole);
    for (size_t len = 0; len <= SHARE_SIZE + 1; len++)
        if (len != SHARE_SIZE)
            assert_int_equal(share_parse(bytes_of(whole, len), &read, NULL), -ERR_INPUT);
}

/* Numbers that cannot be, under a check that is right. */
static void shares_that_cannot_be_are_refused(void **state)
{
    static const struct {
        uint8_t needed, total, number;
        int rc;
    } rows[] = {
        {SHARES_NEEDED_MIN, SHARES_NEEDED_MIN, 1, 0},
        {SHARES_NEEDED_MIN - 1, 5, 1, -ERR_INPUT},
        {SHARES_MAX, SHARES_MAX, SHARES_MAX, 0},
        {3, SHARES_MAX + 1, 1, -ERR_INPUT},
        {4, 3, 1, -ERR_INPUT},
        {3, 5, 0, -ERR_INPUT},
        {3, 5, 6, -ERR_INPUT},
    };
    CLEANUP(share_done) struct share share;
    uint8_t whole[SHARE_SIZE];

    (void)state;
    make(&share);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        share.needed = rows[i].needed;
        share.total = rows[i].total;
        share.number = rows[i].number;
        write_it(&share, whole);
        assert_int_equal(parse(whole), rows[i].rc);
    }
}

static void a_share_comes_back_as_it_was(void **state)
{
    CLEANUP(share_done) struct share share;
    CLEANUP(share_done) struct share read = {.number = 0};
    uint8_t whole[SHARE_SIZE];

    (void)state;
    make(&share);
    share.is_rehearsal = true;
    write_it(&share, whole);
    assert_int_equal(share_parse(BYTES_ARRAY(whole), &read, NULL), 0);
    assert_true(read.is_rehearsal);
    assert_int_equal(read.needed, 3);
    assert_int_equal(read.total, 5);
    assert_int_equal(read.number, 2);
    assert_memory_equal(read.set, share.set, SHARE_SET_SIZE);
    assert_memory_equal(read.piece.ptr, share.piece.ptr, SHARE_SECRET_SIZE);
}

static int type(const char *text, unsigned line)
{
    uint8_t bytes[8];

    return share_line_parse(bytes_text(text), line, bytes, NULL);
}

/* Every single wrong digit, every swap of neighbours, and the line of another place. */
static void slips_of_the_pen_are_noticed_in_their_line(void **state)
{
    CLEANUP(share_done) struct share share;
    uint8_t whole[SHARE_SIZE];
    char line[SHARE_LINE_SIZE];

    (void)state;
    make(&share);
    write_it(&share, whole);
    assert_int_equal(share_line(BYTES_ARRAY(whole), 4, line, NULL), 0);
    for (size_t i = 0; line[i] != 0; i++) {
        char right = line[i];

        if (right == ' ')
            continue;
        line[i] = right == '7' ? '8' : '7';
        assert_int_equal(type(line, 4), -ERR_INPUT);
        line[i] = 'g';
        assert_int_equal(type(line, 4), -ERR_INPUT);
        line[i] = right;
    }
    assert_int_equal(type(line, 4), 0);
    assert_int_equal(type(line, 3), -ERR_INPUT);
    assert_int_equal(type("", 4), -ERR_INPUT);
    assert_int_equal(type("0000 0000 0000 0000 0000 0", 4), -ERR_INPUT);
    assert_int_equal(type("0000 0000 0000 0000 000", 4), -ERR_INPUT);
}

static void six_typed_lines_are_the_share(void **state)
{
    CLEANUP(share_done) struct share share;
    uint8_t whole[SHARE_SIZE];
    uint8_t typed[SHARE_SIZE];
    char line[SHARE_LINE_SIZE];

    (void)state;
    make(&share);
    write_it(&share, whole);
    for (unsigned i = 0; i < SHARE_LINES; i++) {
        assert_int_equal(share_line(BYTES_ARRAY(whole), i, line, NULL), 0);
        assert_int_equal(strlen(line), SHARE_LINE_SIZE - 1);
        assert_int_equal(share_line_parse(bytes_text(line), i, typed + i * 8UL, NULL), 0);
    }
    assert_memory_equal(typed, whole, SHARE_SIZE);
    assert_int_equal(share_line(BYTES_ARRAY(whole), SHARE_LINES, line, NULL), -ERR_USAGE);
}

static void a_file_opens_with_its_passphrase_alone(void **state)
{
    CLEANUP(share_done) struct share share;
    CLEANUP(secret_done) struct secret right = SECRET_INIT;
    CLEANUP(secret_done) struct secret wrong = SECRET_INIT;
    CLEANUP(secret_done) struct secret opened = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    uint8_t whole[SHARE_SIZE];

    (void)state;
    make(&share);
    write_it(&share, whole);
    assert_int_equal(secret_copy(BYTES_LITERAL("correct horse"), &right, NULL), 0);
    assert_int_equal(secret_copy(BYTES_LITERAL("battery staple"), &wrong, NULL), 0);
    assert_int_equal(share_close(BYTES_ARRAY(whole), &right, &der, NULL), 0);
    assert_int_equal(share_open(buf_bytes(&der), &wrong, &opened, NULL), -ERR_DENIED);
    der.ptr[der.len - 20] ^= 1; /* CBC: it still opens, to something else */
    assert_int_equal(share_open(buf_bytes(&der), &right, &opened, NULL), -ERR_DENIED);
    der.ptr[der.len - 20] ^= 1;
    assert_int_equal(share_open(BYTES_LITERAL("no file of ours"), &right, &opened, NULL),
                     -ERR_INPUT);
    assert_int_equal(share_open(buf_bytes(&der), &right, &opened, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&opened), BYTES_ARRAY(whole)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_with_any_byte_changed_is_none),
        cmocka_unit_test(a_share_of_another_length_is_none),
        cmocka_unit_test(shares_that_cannot_be_are_refused),
        cmocka_unit_test(a_share_comes_back_as_it_was),
        cmocka_unit_test(slips_of_the_pen_are_noticed_in_their_line),
        cmocka_unit_test(six_typed_lines_are_the_share),
        cmocka_unit_test(a_file_opens_with_its_passphrase_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
