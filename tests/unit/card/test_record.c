/* SPDX-License-Identifier: Apache-2.0 */
/* Simple TLVs (ISO 7816-4, 5.2.1). */
#include "card/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_none(struct bytes bytes)
{
    struct bytes rest = bytes;
    struct bytes record;

    assert_false(record_next(&rest, &record));
    assert_true(rest.ptr == bytes.ptr && rest.len == bytes.len);
}

static void what_is_cut_off_or_has_no_tag_is_no_record(void **state)
{
    (void)state;
    assert_none(bytes_of(NULL, 0));
    assert_none(BYTES_LITERAL("\x01"));
    assert_none(BYTES_LITERAL("\x01\x02"
                              "A"));
    assert_none(BYTES_LITERAL("\x00\x01"
                              "A"));
    assert_none(BYTES_LITERAL("\xff\x01"
                              "A"));
    assert_none(BYTES_LITERAL("\x01\xff\x00"));
    assert_none(BYTES_LITERAL("\x01\xff\x00\x02"
                              "A"));
}

static void records_come_one_after_another_with_their_headers(void **state)
{
    struct bytes rest = BYTES_LITERAL("\x01\x02"
                                      "AB"
                                      "\x02\x00"
                                      "\x03\xff\x00\x01"
                                      "C"
                                      "\xff\xff");
    struct bytes record;

    (void)state;
    assert_true(record_next(&rest, &record));
    assert_true(bytes_equal(record, BYTES_LITERAL("\x01\x02"
                                                  "AB")));
    assert_true(record_next(&rest, &record));
    assert_true(bytes_equal(record, BYTES_LITERAL("\x02\x00")));
    assert_true(record_next(&rest, &record));
    assert_true(bytes_equal(record, BYTES_LITERAL("\x03\xff\x00\x01"
                                                  "C")));
    assert_none(rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_cut_off_or_has_no_tag_is_no_record),
        cmocka_unit_test(records_come_one_after_another_with_their_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
