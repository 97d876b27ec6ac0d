/* SPDX-License-Identifier: Apache-2.0 */
/* What a service may ask a card to sign, and what is no document. */
#include "base/hex.h"
#include "holder/signing.h"
#include "support/replaced.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

/* SHA-256 of "abc" (FIPS 180-4). */
#define DIGEST "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static const char order[] =
    "{\"session\":\"s-1\",\"provider\":{\"name\":\"見本銀行\",\"client_id\":"
    "\"bank\",\"origin\":\"https://bank.example\"},\"platform\":"
    "\"https://pf.example\",\"title\":\"TITLE\",\"text\":\"TEXT\","
    "\"digest\":\"" DIGEST "\",\"form\":\"digestinfo\",\"document\":true,"
    "\"expires_at\":1790000600}";

/* The order with a part of it replaced. */
static int parse(const char *from, const char *to, struct signing *ret)
{
    CLEANUP(json_freep) struct json *json = json_replaced(order, from, to);

    return signing_parse(json, ret, NULL);
}

static void an_incomplete_or_odd_order_is_refused(void **state)
{
    static const char *const changes[][2] = {
        {"\"s-1\"", "\"../x\""},
        {"\"s-1\"", "\"\""},
        {"\"provider\"", "\"providers\""},
        {"\"bank\"", "\"a/b\""},
        {"\"見本銀行\"", "\"\""},
        {"\"https://pf.example\"", "\"https://pf.example/\""},
        {"\"https://pf.example\"", "\"pf.example\""},
        {"\"TITLE\"", "\"\""},
        {"\"TEXT\"", "\"\""},
        {"\"TEXT\"", "null"},
        {DIGEST, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFQ=="},
        {DIGEST, ""},
        {"digestinfo", "DigestInfo"},
        {"true", "\"true\""},
        {"\"document\"", "\"documents\""},
        {"1790000600", "-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct signing signing = {.session = "untouched"};

        if (parse(changes[i][0], changes[i][1], &signing) != -ERR_INPUT)
            fail_msg("%s -> %s", changes[i][0], changes[i][1]);
        assert_string_equal(signing.session, "untouched");
    }
}

static void a_platform_is_reached_over_tls_or_on_this_computer(void **state)
{
    struct signing signing;

    (void)state;
    assert_int_equal(parse("https://pf.example", "http://pf.example", &signing), -ERR_UNTRUSTED);
    assert_int_equal(parse("https://pf.example", "http://127.0.0.1:8080", &signing), 0);
    assert_string_equal(signing.platform.text, "http://127.0.0.1:8080");
}

static void assert_longest(const char *value, size_t longest)
{
    char text[SIGNING_TEXT_MAX + 2];
    struct signing signing;

    memset(text, 'a', longest);
    text[longest] = '\0';
    assert_int_equal(parse(value, text, &signing), 0);
    text[longest] = 'a';
    text[longest + 1] = '\0';
    if (parse(value, text, &signing) != -ERR_INPUT)
        fail_msg("%s may be too long", value);
}

static void title_and_text_have_a_longest_form(void **state)
{
    (void)state;
    assert_longest("TITLE", SIGNING_TITLE_MAX);
    assert_longest("TEXT", SIGNING_TEXT_MAX);
}

static void it_may_be_answered_until_its_last_second(void **state)
{
    const struct signing signing = {.expires_at = NOW};

    (void)state;
    assert_int_equal(signing_check_time(&signing, NOW, NULL), 0);
    assert_int_equal(signing_check_time(&signing, NOW + 1, NULL), -ERR_REMOTE);
    assert_int_equal(signing_check_time(&signing, NOW - SIGNING_SECONDS_MAX, NULL), 0);
    assert_int_equal(signing_check_time(&signing, NOW - SIGNING_SECONDS_MAX - 1, NULL),
                     -ERR_UNTRUSTED);
}

static void only_the_document_that_was_announced_is_one(void **state)
{
    struct signing signing;

    (void)state;
    assert_int_equal(parse("digestinfo", "hash", &signing), 0);
    assert_true(signing.is_bare && signing.has_document);
    assert_int_equal(signing_check_document(&signing, BYTES_LITERAL("abc"), NULL), 0);
    assert_int_equal(signing_check_document(&signing, BYTES_LITERAL("abd"), NULL), -ERR_UNTRUSTED);
    assert_int_equal(signing_check_document(&signing, BYTES_LITERAL(""), NULL), -ERR_UNTRUSTED);
    assert_false(signing_is_text(&signing));
    assert_int_equal(parse("TEXT", "abc", &signing), 0);
    assert_true(signing_is_text(&signing));
}

static void a_message_of_ours_is_no_document_whatever_its_digest(void **state)
{
    static const uint8_t login[] = "\0\0\0\x11OpenJPKI login v1\0\0\0\x05https";
    struct signing signing = {.digest = {.alg = DIGEST_SHA256}};
    struct err err = {.text = ""};

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_ARRAY(login), &signing.digest, NULL), 0);
    assert_int_equal(signing_check_document(&signing, BYTES_ARRAY(login), &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "no document but a login"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_or_odd_order_is_refused),
        cmocka_unit_test(a_platform_is_reached_over_tls_or_on_this_computer),
        cmocka_unit_test(title_and_text_have_a_longest_form),
        cmocka_unit_test(it_may_be_answered_until_its_last_second),
        cmocka_unit_test(only_the_document_that_was_announced_is_one),
        cmocka_unit_test(a_message_of_ours_is_no_document_whatever_its_digest),
    };

    return cmocka_run_group_tests_name("holder/signing", tests, NULL, NULL);
}
