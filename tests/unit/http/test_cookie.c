/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_cookie_is_found_by_its_whole_name(void **state)
{
    static const struct {
        const char *field, *value; /* NULL: none */
    } cases[] = {
        {NULL, NULL},
        {"", NULL},
        {"sid", NULL},
        {"sid=", ""},
        {"sid=1", "1"},
        {"sid=1; other=2", "1"},
        {"other=2; sid=1", "1"},
        {"other=2;sid=1", "1"},
        {"sid2=2; sid=1", "1"},
        {"xsid=2", NULL},
        {"sid2=2", NULL},
        {"other=sid=1", NULL},
        {"SID=1", NULL},
        {"sid=a=b", "a=b"},
        {"sid=1; sid=2", NULL},
        {"sid=1; x=; sid=1", NULL},
        {";;; ; sid=1", "1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes value = {NULL, 0};
        bool is_there = http_cookie_find(cases[i].field, "sid", &value);

        if (is_there != (cases[i].value != NULL) ||
            (is_there && !bytes_equal(value, bytes_text(cases[i].value))))
            fail_msg("\"%s\"", cases[i].field);
    }
}

static void a_cookie_is_set_with_what_protects_it(void **state)
{
    struct http_response response = {.status = 0};
    struct http_cookie cookie = {"sid", "1", "Strict", 60, true};

    (void)state;
    assert_int_equal(http_cookie_set(&response, &cookie, NULL), 0);
    assert_string_equal(response.fields[0].name, "Set-Cookie");
    assert_string_equal(response.fields[0].value,
                        "sid=1; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
    cookie = (struct http_cookie){"sid", "", "Lax", 0, false};
    assert_int_equal(http_cookie_set(&response, &cookie, NULL), 0);
    assert_string_equal(response.fields[1].value,
                        "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    http_response_done(&response);
}

static void a_cookie_that_is_no_field_is_not_set(void **state)
{
    struct http_response response = {.status = 0};
    char value[sizeof response.fields[0].value];
    struct http_cookie cookie = {"sid", value, "Lax", 0, false};
    const size_t frame = strlen("sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");

    (void)state;
    memset(value, 'v', sizeof value);
    value[sizeof value - frame] = '\0';
    assert_int_equal(http_cookie_set(&response, &cookie, NULL), -ERR_USAGE);
    value[sizeof value - frame - 1] = '\0';
    assert_int_equal(http_cookie_set(&response, &cookie, NULL), 0);
    cookie.value = "a\r\nSet-Cookie: x=y";
    assert_int_equal(http_cookie_set(&response, &cookie, NULL), -ERR_USAGE);
    assert_int_equal(response.field_count, 1);
    http_response_done(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
        cmocka_unit_test(a_cookie_is_set_with_what_protects_it),
        cmocka_unit_test(a_cookie_that_is_no_field_is_not_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
