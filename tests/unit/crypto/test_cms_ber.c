/* SPDX-License-Identifier: Apache-2.0 */
/* Structures that are none, and one put together by hand: nothing signed, which is enough here. */
#include "crypto/cms_ber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SIGNED_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define DATA        "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
/* Version, no hashes, contents, no signers. */
#define BER(contents)                                                                              \
    "\x30\x80" SIGNED_DATA "\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" contents "\x00\x00"      \
    "\x31\x00\x00\x00\x00\x00\x00\x00"
#define DETACHED BER(DATA)
static const char in_der[] = "\x30\x23" SIGNED_DATA
                             "\xa0\x16\x30\x14\x02\x01\x01\x31\x00\x30\x0b" DATA "\x31\x00";

static void assert_refused(struct bytes ber)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    size_t used = 77;

    assert_int_equal(cms_decode_ber(ber, &der, &used, NULL), -ERR_INPUT);
    assert_int_equal(der.len, 0);
    assert_int_equal(used, 77);
}

static void what_is_no_structure_is_refused(void **state)
{
    const struct bytes whole = BYTES_LITERAL(DETACHED);

    (void)state;
    for (size_t len = 0; len < whole.len; len++)
        assert_refused(bytes_part(whole, 0, len));
    assert_refused(BYTES_LITERAL("\x30\x03\x02\x01\x01"));
    assert_refused(BYTES_LITERAL("\x30\x80\x00\x00"));
}

/* In one piece or in two: whoever reads pieces otherwise reads another document. */
static void a_structure_with_its_document_is_refused(void **state)
{
    (void)state;
    assert_refused(BYTES_LITERAL(BER(DATA "\xa0\x80\x04\x01x\x00\x00")));
    assert_refused(BYTES_LITERAL(BER(DATA "\xa0\x80\x24\x80\x04\x01x\x04\x01y\x00\x00\x00\x00")));
}

static void indefinite_lengths_become_definite(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    size_t used = 0;

    (void)state;
    assert_int_equal(cms_decode_ber(BYTES_LITERAL(DETACHED), &der, &used, NULL), 0);
    assert_int_equal(used, sizeof DETACHED - 1);
    assert_int_equal(der.len, sizeof in_der - 1);
    assert_memory_equal(der.ptr, in_der, der.len);
}

static void what_stands_behind_it_is_left(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    size_t used = 0;

    (void)state;
    assert_int_equal(cms_decode_ber(BYTES_LITERAL(DETACHED "\x00\x00rest"), &der, &used, NULL), 0);
    assert_int_equal(used, sizeof DETACHED - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_structure_is_refused),
        cmocka_unit_test(a_structure_with_its_document_is_refused),
        cmocka_unit_test(indefinite_lengths_become_definite),
        cmocka_unit_test(what_stands_behind_it_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
