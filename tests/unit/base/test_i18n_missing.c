/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A catalogue that may not be read, as by a program that confined itself: reading it fails,
 * failures are told in the reader's language, and that is looked for in the catalogue.
 */
#include "base/err.h"
#include "base/i18n.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_S = 20 };

int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
    (void)path, (void)flags;
    errno = EACCES;
    return -1;
}

int __wrap_open64(const char *path, int flags, ...)
{
    return __wrap_open(path, flags);
}

static void a_failure_without_a_catalogue_is_told_in_english(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(setenv("LC_ALL", "ja_JP.UTF-8", 1), 0);
    err_translate_by(tr);
    (void)alarm(DEADLINE_S); /* SIGALRM ends what waits for itself */
    assert_int_equal(FAIL(&err, ERR_DENIED, "not today"), -ERR_DENIED);
    (void)alarm(0);
    assert_string_equal(err.text, "not today");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_without_a_catalogue_is_told_in_english),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
