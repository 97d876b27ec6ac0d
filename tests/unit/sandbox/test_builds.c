/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/builds.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_path(const char *name, const char *expected)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(build_path("/opt/bin", name, &path, NULL), 0);
    assert_string_equal(path, expected);
}

static void programs_without_a_clock_have_one_build(void **state)
{
    (void)state;
    assert_path("jpki-softcard", "/opt/bin/jpki-softcard");
    assert_path("jpki-sandbox", "/opt/bin/jpki-sandbox");
    assert_path("jpki-signerd-other", "/opt/bin/jpki-signerd-other");
    assert_path("jpki", "/opt/bin/jpki");
}

static void of_the_daemons_the_sandboxs_build_is_run(void **state)
{
    (void)state;
    assert_path("jpki-signerd", "/opt/bin/jpki-signerd-sandbox");
    assert_path("jpki-authorityd", "/opt/bin/jpki-authorityd-sandbox");
    assert_path("jpki-registerd", "/opt/bin/jpki-registerd-sandbox");
    assert_path("jpki-ocspd", "/opt/bin/jpki-ocspd-sandbox");
    assert_path("jpki-platformd", "/opt/bin/jpki-platformd-sandbox");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_without_a_clock_have_one_build),
        cmocka_unit_test(of_the_daemons_the_sandboxs_build_is_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
