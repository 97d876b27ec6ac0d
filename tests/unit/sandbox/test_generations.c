/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/generations.h"

#include "base/bytes.h"
#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

static void what_is_no_number_of_generations_is_refused(void **state)
{
    static const char *const rows[] = {"", "0", "-1", "11", "1 ", "two", "4"};
    unsigned count = 7;

    (void)state;
    _Static_assert(SANDBOX_GENERATIONS_MAX == 3, "4 is one past the limit");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(generations_read(rows[i], &count, NULL), -ERR_USAGE);
    assert_int_equal(count, 7);
    assert_int_equal(generations_read("1", &count, NULL), 0);
    assert_int_equal(generations_read("3", &count, NULL), 0);
    assert_int_equal(count, SANDBOX_GENERATIONS_MAX);
}

static void the_first_one_has_the_plain_names(void **state)
{
    char name[GENERATION_NAME_ROOM];

    (void)state;
    generations_name("ocsp-sign", 1, name);
    assert_string_equal(name, "ocsp-sign");
    generations_name("ocsp-sign", 3, name);
    assert_string_equal(name, "ocsp-sign-g3");
}

static void those_that_are_there_stay(void **state)
{
    struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(generations_of_sandbox(dir.path, 0), 1);
    assert_int_equal(generations_of_sandbox(dir.path, 2), 2);
    assert_int_equal(mkdir(tempdir_file(&dir, "anchors", path), 0700), 0);
    for (unsigned generation = 2; generation <= SANDBOX_GENERATIONS_MAX + 1; generation++) {
        char name[32];

        (void)snprintf(name, sizeof name, "anchors/sign-g%u.pem", generation);
        assert_int_equal(
            file_create(tempdir_file(&dir, name, path), 0600, BYTES_LITERAL("x"), NULL), 0);
        assert_int_equal(generations_of_sandbox(dir.path, 0), generation <= SANDBOX_GENERATIONS_MAX
                                                                  ? generation
                                                                  : SANDBOX_GENERATIONS_MAX);
        assert_int_equal(generations_of_sandbox(dir.path, 1), generations_of_sandbox(dir.path, 0));
    }
    tempdir_done(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_number_of_generations_is_refused),
        cmocka_unit_test(the_first_one_has_the_plain_names),
        cmocka_unit_test(those_that_are_there_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
