/* SPDX-License-Identifier: Apache-2.0 */
/* The table against another library's knowledge of the same sets: EUC-JP of the C library. */
#include "register/repertoire.h"

#include "x509/limits.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PLANES = 0x110000, CODE_SIZE = 4 };

/* How many bytes iconv makes of it; 0: none. */
static size_t euc(iconv_t to, uint32_t character, unsigned char ret[CODE_SIZE])
{
    char *in = (char *)&character;
    char *out = (char *)ret;
    size_t in_left = sizeof character;
    size_t out_left = CODE_SIZE;

    (void)iconv(to, NULL, NULL, NULL, NULL);
    if (iconv(to, &in, &in_left, &out, &out_left) != 0)
        return 0; /* refused, or replaced by something like it */
    return CODE_SIZE - out_left;
}

static bool is_vendors(uint32_t c)
{
    static const uint32_t vendors[] = {0xff0d, 0xff5e, 0x2225, 0xffe0, 0xffe1, 0xffe2};

    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
        if (vendors[i] == c)
            return true;
    return false;
}

static bool is_expected(iconv_t to, uint32_t c)
{
    unsigned char code[CODE_SIZE];
    size_t len = euc(to, c, code);

    if (is_vendors(c))
        return true;
    if (len == 1)
        return c >= ' ' && c < 0x7f;
    return len > 1 && code[0] != 0x8e && code[0] >= 0x8f;
}

static void each_character_is_in_it_if_the_c_library_knows_it_in_these_sets(void **state)
{
    iconv_t to = iconv_open("EUC-JP", "UTF-32LE");
    unsigned count = 0;

    (void)state;
    assert_ptr_not_equal(to, (iconv_t)-1);
    for (uint32_t c = 0; c < PLANES; c++) {
        bool is_c1 = c >= 0x80 && c < 0xa0; /* controls: two bytes to nobody else */

        if (repertoire_has(c) != (is_expected(to, c) && !is_c1))
            fail_msg("U+%04X", (unsigned)c);
        count += repertoire_has(c);
    }
    assert_int_equal(iconv_close(to), 0);
    assert_in_range(count, 12900, 13100); /* "about 13,000" */
}

static void what_is_not_in_it_is_refused_with_its_position(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(repertoire_check("name", "髙橋　一", &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "name has at position 1 "));
    assert_null(strstr(err.text, "髙"));
    assert_int_equal(repertoire_check("name", "𠮷野　一", NULL), -ERR_INPUT);
    assert_int_equal(repertoire_check("name", "高橋　ﾊﾅ", &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "position 4 "));
    assert_int_equal(repertoire_check("name", "渡邉　俠介", NULL), 0);
    assert_int_equal(repertoire_check("address", "見本坂５－６０１号　レイジハイツ", NULL), 0);
    assert_int_equal(repertoire_check("name", "EXAMPLE JOHN", NULL), 0);
}

static void substitutes_are_flagged_where_they_are_and_nowhere_else(void **state)
{
    char flags[HOLDER_NAME_MAX + 1];
    struct err err = {0};

    (void)state;
    assert_int_equal(repertoire_flags("name", "髙橋　一", "高橋一", flags, NULL), -ERR_INPUT);
    assert_int_equal(repertoire_flags("name", "髙橋　一", "高端　一", flags, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "position 2 "));
    assert_int_equal(repertoire_flags("name", "髙橋　一", "高橋　一", flags, NULL), 0);
    assert_string_equal(flags, "1000");
    assert_int_equal(repertoire_flags("name", "高橋　一", "高橋　一", flags, NULL), 0);
    assert_string_equal(flags, "0000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_character_is_in_it_if_the_c_library_knows_it_in_these_sets),
        cmocka_unit_test(what_is_not_in_it_is_refused_with_its_position),
        cmocka_unit_test(substitutes_are_flagged_where_they_are_and_nowhere_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
