/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a login may be sent to, and how they are written in what is signed. */
#include "holder/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *url, struct err *err)
{
    struct origin origin = {"untouched"};
    const char *path = NULL;
    int rc = origin_parse(url, &origin, &path, err);

    if (rc < 0) {
        assert_string_equal(origin.text, "untouched");
        assert_null(path);
    }
    return rc;
}

static void assert_refused(const char *url, const char *sentence)
{
    struct err err = {.text = ""};

    if (parse(url, &err) != -ERR_INPUT || strstr(err.text, sentence) == NULL)
        fail_msg("%s: %s", url, err.text);
}

static void assert_origin(const char *url, const char *expected, const char *expected_path)
{
    struct origin origin;
    const char *path;

    assert_int_equal(origin_parse(url, &origin, &path, NULL), 0);
    assert_string_equal(origin.text, expected);
    assert_string_equal(path, expected_path);
}

static void what_is_no_address_of_a_service_is_refused(void **state)
{
    static const char *const urls[] = {
        "",
        "login.example.jp",
        "//login.example.jp",
        "ftp://login.example.jp",
        "https:/login.example.jp",
        "https://",
        "https:///path",
        "https://:443",
        "https://example.jp:",
        "https://example.jp:0",
        "https://example.jp:65536",
        "https://example.jp:4 3",
        "https://example.jp:+43",
        "https://example.jp:000443",
        "https://example.jp/a b",
        "https://example.jp/\xe3\x81\x82",
        "https://[::1]443",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        assert_refused(urls[i], "no address of a service");
}

static void a_user_name_is_refused_that_makes_a_host_look_like_another(void **state)
{
    (void)state;
    assert_refused("https://login.example.jp@evil.example/", "may be meant to deceive");
    assert_refused("https://login.example.jp:443@evil.example/", "may be meant to deceive");
}

static void queries_fragments_and_backslashes_are_refused(void **state)
{
    (void)state;
    assert_refused("https://example.jp/?a=b", "query or fragment");
    assert_refused("https://example.jp?a=b", "query or fragment");
    assert_refused("https://example.jp/#a", "query or fragment");
    assert_refused("https://example.jp\\@evil.example/", "query or fragment");
}

static void hosts_that_can_be_mistaken_for_another_are_refused(void **state)
{
    static const char *const urls[] = {
        "https://logi\xd0\xbd.example.jp", /* a Cyrillic letter */
        "https://xn--80ak6aa92e.com",      /* the same, encoded */
        "https://login.XN--80AK6AA92E.com",
        "https://login_1.example.jp",
        "https://login%2eexample.jp",
        "https://-login.example.jp",
        "https://login-.example.jp",
        "https://login..example.jp",
        "https://.example.jp",
        "https://example.jp.",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://127.0.0.01",
        "https://127.0.0.256",
        "https://[::1",
        "https://[]",
        "https://[0:0:0:0:0:0:0:1]",
        "https://[::1%25eth0]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        assert_refused(urls[i], "could be mistaken");
}

static void http_to_another_computer_is_not_trusted(void **state)
{
    static const char *const urls[] = {
        "http://example.jp",           "http://126.255.255.255", "http://128.0.0.1",
        "http://localhost.example.jp", "http://[::2]",           "http://127.example.jp",
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        assert_int_equal(parse(urls[i], &err), -ERR_UNTRUSTED);
        assert_non_null(strstr(err.text, "only for this computer"));
    }
}

/* "https://", so many labels of 63, and a port that makes it longer. */
static const char *long_url(size_t host_len, char *ret)
{
    strcpy(ret, "https://");
    memset(ret + 8, 'a', host_len);
    for (size_t i = 63; i < host_len - 1; i += 64)
        ret[8 + i] = '.';
    ret[8 + host_len] = '\0';
    return ret;
}

static void an_origin_has_a_longest_form(void **state)
{
    struct origin origin;
    const char *path;
    char url[512];

    (void)state;
    assert_int_equal(origin_parse(long_url(ORIGIN_MAX - 8, url), &origin, &path, NULL), 0);
    assert_int_equal(strlen(origin.text), ORIGIN_MAX);
    assert_int_equal(parse(long_url(ORIGIN_MAX - 7, url), NULL), -ERR_INPUT);
    assert_int_equal(parse(long_url(253, url), NULL), -ERR_INPUT);
    assert_int_equal(parse(long_url(254, url), NULL), -ERR_INPUT);
}

static void a_label_has_at_most_63_characters(void **state)
{
    char url[128] = "https://";

    (void)state;
    memset(url + 8, 'a', 63);
    assert_int_equal(parse(url, NULL), 0);
    url[8 + 63] = 'a';
    assert_refused(url, "could be mistaken");
}

static void one_origin_has_one_spelling(void **state)
{
    (void)state;
    assert_origin("https://login.example.jp", "https://login.example.jp", "");
    assert_origin("HTTPS://Login.EXAMPLE.jp:443/", "https://login.example.jp", "/");
    assert_origin("https://login.example.jp:0443", "https://login.example.jp", "");
    assert_origin("https://login.example.jp:80/a", "https://login.example.jp:80", "/a");
    assert_origin("https://203.0.113.7:65535", "https://203.0.113.7:65535", "");
    assert_origin("http://127.0.0.1:8080/v1/logins/x", "http://127.0.0.1:8080", "/v1/logins/x");
    assert_origin("http://127.255.255.254:80", "http://127.255.255.254", "");
    assert_origin("http://LOCALHOST:1", "http://localhost:1", "");
    assert_origin("http://[::1]:80/", "http://[::1]", "/");
    assert_origin("https://[2001:DB8::1]", "https://[2001:db8::1]", "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address_of_a_service_is_refused),
        cmocka_unit_test(a_user_name_is_refused_that_makes_a_host_look_like_another),
        cmocka_unit_test(queries_fragments_and_backslashes_are_refused),
        cmocka_unit_test(hosts_that_can_be_mistaken_for_another_are_refused),
        cmocka_unit_test(http_to_another_computer_is_not_trusted),
        cmocka_unit_test(an_origin_has_a_longest_form),
        cmocka_unit_test(a_label_has_at_most_63_characters),
        cmocka_unit_test(one_origin_has_one_spelling),
    };

    return cmocka_run_group_tests_name("holder/origin", tests, NULL, NULL);
}
