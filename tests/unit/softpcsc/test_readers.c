/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/readers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void what_names_no_readers_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", ":", "/a:", ":/a", "=/a", "A=", "A=/a:A=/b", "/a:OpenJPKI Software Card 00 00=/b"};
    struct reader_entries entries = {.count = 7};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(reader_entries_parse(wrong[i], &entries, NULL), -ERR_INPUT);
    assert_int_equal(entries.count, 7);
}

static void readers_have_their_name_or_one_by_their_place(void **state)
{
    struct reader_entries entries;

    (void)state;
    assert_int_equal(reader_entries_parse("/a:My reader=/b=c:/d", &entries, NULL), 0);
    assert_int_equal(entries.count, 3);
    assert_string_equal(entries.at[0].name, "OpenJPKI Software Card 00 00");
    assert_string_equal(entries.at[0].path, "/a");
    assert_string_equal(entries.at[1].name, "My reader");
    assert_string_equal(entries.at[1].path, "/b=c");
    assert_string_equal(entries.at[2].name, "OpenJPKI Software Card 02 00");
    assert_ptr_equal(reader_entries_find(&entries, "My reader"), &entries.at[1]);
    assert_null(reader_entries_find(&entries, "my reader"));
}

static void there_are_as_many_readers_as_pcsclite_has(void **state)
{
    struct reader_entries entries;
    char text[4 * WIRE_READERS_MAX + 8] = "/00";

    (void)state;
    for (unsigned i = 1; i < WIRE_READERS_MAX; i++)
        (void)snprintf(text + strlen(text), 8, ":/%02u", i);
    assert_int_equal(reader_entries_parse(text, &entries, NULL), 0);
    assert_int_equal(entries.count, WIRE_READERS_MAX);
    assert_true(strlen(text) + 3 < sizeof text);
    (void)snprintf(text + strlen(text), 8, ":/x");
    assert_int_equal(reader_entries_parse(text, &entries, NULL), -ERR_INPUT);
}

static void names_and_paths_end_at_their_limits(void **state)
{
    struct reader_entries entries;
    char text[WIRE_READER_NAME_MAX + SOCK_PATH_MAX + 8];

    (void)state;
    (void)snprintf(text, sizeof text, "%0*d=/%0*d", WIRE_READER_NAME_MAX, 1, SOCK_PATH_MAX - 1, 1);
    assert_int_equal(reader_entries_parse(text, &entries, NULL), 0);
    assert_int_equal(strlen(entries.at[0].name), WIRE_READER_NAME_MAX);
    assert_int_equal(strlen(entries.at[0].path), SOCK_PATH_MAX);
    (void)snprintf(text, sizeof text, "%0*d=/a", WIRE_READER_NAME_MAX + 1, 1);
    assert_int_equal(reader_entries_parse(text, &entries, NULL), -ERR_INPUT);
    (void)snprintf(text, sizeof text, "a=/%0*d", SOCK_PATH_MAX, 1);
    assert_int_equal(reader_entries_parse(text, &entries, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_no_readers_is_refused),
        cmocka_unit_test(readers_have_their_name_or_one_by_their_place),
        cmocka_unit_test(there_are_as_many_readers_as_pcsclite_has),
        cmocka_unit_test(names_and_paths_end_at_their_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
