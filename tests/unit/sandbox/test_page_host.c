/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/page_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void other_names_are_refused(void **state)
{
    static const char *const names[] = {
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example:8080",
        "evil.example@127.0.0.1",
        "127.0.0.2",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "::1",
        "localhost.",
        " localhost",
        "localhost ",
        "localhos",
        "localhostx",
        "http://localhost",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (page_host_is_local(names[i]))
            fail_msg("\"%s\" is taken", names[i]);
}

static void what_follows_the_name_is_a_port_or_nothing(void **state)
{
    (void)state;
    assert_false(page_host_is_local("localhost:"));
    assert_false(page_host_is_local("localhost:x"));
    assert_false(page_host_is_local("localhost:80x"));
    assert_false(page_host_is_local("localhost:-1"));
    assert_false(page_host_is_local("localhost:80:80"));
    assert_false(page_host_is_local("127.0.0.1:123456"));
    assert_true(page_host_is_local("127.0.0.1:12345"));
    assert_true(page_host_is_local("localhost:1"));
}

static void both_names_of_this_machine_are_taken(void **state)
{
    (void)state;
    assert_true(page_host_is_local("127.0.0.1"));
    assert_true(page_host_is_local("localhost"));
    assert_true(page_host_is_local("LocalHost:8080"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(what_follows_the_name_is_a_port_or_nothing),
        cmocka_unit_test(both_names_of_this_machine_are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
