/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random_text.h"

#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 87 }; /* 64 octets in base64url and a NUL */

static void assert_octets(size_t size, size_t octets)
{
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    char text[LONGEST];
    char other[LONGEST];

    assert_int_equal(random_text(text, size, NULL), 0);
    assert_int_equal(random_text(other, size, NULL), 0);
    assert_int_equal(strlen(text), size - 1);
    assert_string_not_equal(text, other);
    assert_int_equal(base64_decode(BASE64_URL, bytes_text(text), &back, NULL), 0);
    assert_int_equal(back.len, octets);
}

static void a_text_has_as_many_octets_as_fit(void **state)
{
    (void)state;
    assert_octets(23, 16);
    assert_octets(44, 32);
    assert_octets(LONGEST, 64);
}

static void sizes_without_a_text_are_refused(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 22, 42, LONGEST + 1};
    char text[LONGEST + 1] = "as it was";

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(random_text(text, sizes[i], NULL), -ERR_USAGE);
    assert_string_equal(text, "as it was");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_as_many_octets_as_fit),
        cmocka_unit_test(sizes_without_a_text_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
