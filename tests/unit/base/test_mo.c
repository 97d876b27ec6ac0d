/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/mo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct pair {
    const char *message, *translation;
};

static void put_u32(struct buf *buf, uint32_t value, bool swapped)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned shift = swapped ? 24 - 8 * i : 8 * i;

        assert_int_equal(buf_append_byte(buf, (uint8_t)(value >> shift), NULL), 0);
    }
}

/* A catalogue as msgfmt writes it, without its hash table. */
static void make_catalogue(const struct pair *pairs, uint32_t count, bool swapped, struct buf *ret)
{
    CLEANUP(buf_done) struct buf strings = BUF_INIT;
    uint32_t tables = 28;
    uint32_t text = tables + count * 16;

    put_u32(ret, 0x950412de, swapped);
    put_u32(ret, 0, swapped);
    put_u32(ret, count, swapped);
    put_u32(ret, tables, swapped);
    put_u32(ret, tables + count * 8, swapped);
    put_u32(ret, 0, swapped);
    put_u32(ret, text, swapped);
    for (int half = 0; half < 2; half++) {
        for (uint32_t i = 0; i < count; i++) {
            const char *s = half == 0 ? pairs[i].message : pairs[i].translation;

            put_u32(ret, (uint32_t)strlen(s), swapped);
            put_u32(ret, text + (uint32_t)strings.len, swapped);
            assert_int_equal(buf_append(&strings, bytes_of(s, strlen(s) + 1), NULL), 0);
        }
    }
    assert_int_equal(buf_append(ret, buf_bytes(&strings), NULL), 0);
}

static int parse_pairs(const struct pair *pairs, uint32_t count, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct mo mo;

    make_catalogue(pairs, count, false, &file);
    return mo_parse(buf_bytes(&file), &mo, err);
}

static void assert_pair_refused(const char *message, const char *translation)
{
    const struct pair pair = {message, translation};
    struct err err;

    assert_int_equal(parse_pairs(&pair, 1, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "arguments"));
}

static void a_translation_with_other_arguments_is_refused(void **state)
{
    (void)state;
    assert_pair_refused("no argument", "%s");
    assert_pair_refused("%d tries", "%s");
    assert_pair_refused("%d tries", "%ld");
    assert_pair_refused("%d tries", "keine");
    assert_pair_refused("%s", "%s %s");
    assert_pair_refused("%s", "%n");
    assert_pair_refused("%s", "%*s");
    assert_pair_refused("%s", "%");
    assert_pair_refused("%s", "%2$s");
    assert_pair_refused("%s of %d", "%1$d / %2$s");
}

static void a_translation_may_reorder_its_arguments(void **state)
{
    static const struct pair pairs[] = {{"%s of %zu", "%2$zu / %1$s"}, {"100% you", "100 %%"}};

    (void)state;
    assert_int_equal(parse_pairs(pairs, 1, NULL), 0);
    assert_int_equal(parse_pairs(pairs + 1, 1, NULL), 0);
}

static void unsorted_or_repeated_messages_are_refused(void **state)
{
    static const struct pair unsorted[] = {{"b", "1"}, {"a", "2"}};
    static const struct pair repeated[] = {{"a", "1"}, {"a", "2"}};

    (void)state;
    assert_int_equal(parse_pairs(unsorted, 2, NULL), -ERR_INPUT);
    assert_int_equal(parse_pairs(repeated, 2, NULL), -ERR_INPUT);
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    static const struct pair pair = {"a", "\x83\x4a"};

    (void)state;
    assert_int_equal(parse_pairs(&pair, 1, NULL), -ERR_INPUT);
}

static void every_cut_and_every_changed_byte_is_survived(void **state)
{
    static const struct pair pairs[] = {{"card", "カード"}, {"reader %s", "リーダー %s"}};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct mo mo;

    (void)state;
    make_catalogue(pairs, 2, false, &file);
    for (size_t len = 0; len < file.len; len++)
        assert_int_equal(mo_parse(bytes_of(file.ptr, len), &mo, NULL), -ERR_INPUT);
    for (size_t i = 0; i < file.len; i++) {
        uint8_t before = file.ptr[i];

        for (unsigned value = 0; value < 256; value += 17) {
            file.ptr[i] = (uint8_t)value;
            if (mo_parse(buf_bytes(&file), &mo, NULL) == 0)
                (void)mo_find(&mo, "card");
        }
        file.ptr[i] = before;
    }
    assert_int_equal(mo_parse(buf_bytes(&file), &mo, NULL), 0);
}

static void a_file_past_the_limit_is_refused_and_one_at_it_read(void **state)
{
    static const struct pair pair = {"a", "1"};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct mo mo;

    (void)state;
    make_catalogue(&pair, 1, false, &file);
    assert_int_equal(buf_reserve(&file, MO_FILE_MAX + 1 - file.len, NULL), 0);
    memset(file.ptr + file.len, 0, MO_FILE_MAX + 1 - file.len);
    assert_int_equal(mo_parse(bytes_of(file.ptr, MO_FILE_MAX + 1), &mo, NULL), -ERR_INPUT);
    assert_int_equal(mo_parse(bytes_of(file.ptr, MO_FILE_MAX), &mo, NULL), 0);
}

/* One translation that is refused leaves every message without its Japanese. */
static void the_catalogue_of_this_build_is_read(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct err err = {0};
    struct mo mo;
    char path[512];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/locale/ja/LC_MESSAGES/openjpki.mo",
                   getenv("JPKI_TEST_SHARE"));
    assert_int_equal(file_read(path, MO_FILE_MAX, &file, NULL), 0);
    if (mo_parse(buf_bytes(&file), &mo, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(mo_find(&mo, "Usage:"), "使い方:");
}

static void messages_are_found_in_both_byte_orders(void **state)
{
    static const struct pair pairs[] = {{"", "header"}, {"a", "1"}, {"b", "2"}, {"c", "3"}};

    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        struct mo mo;

        make_catalogue(pairs, 4, swapped == 1, &file);
        assert_int_equal(mo_parse(buf_bytes(&file), &mo, NULL), 0);
        for (size_t i = 0; i < 4; i++)
            assert_string_equal(mo_find(&mo, pairs[i].message), pairs[i].translation);
        assert_null(mo_find(&mo, "0"));
        assert_null(mo_find(&mo, "bb"));
        assert_null(mo_find(&mo, "d"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_translation_with_other_arguments_is_refused),
        cmocka_unit_test(unsorted_or_repeated_messages_are_refused),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(every_cut_and_every_changed_byte_is_survived),
        cmocka_unit_test(a_file_past_the_limit_is_refused_and_one_at_it_read),
        cmocka_unit_test(a_translation_may_reorder_its_arguments),
        cmocka_unit_test(messages_are_found_in_both_byte_orders),
        cmocka_unit_test(the_catalogue_of_this_build_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
