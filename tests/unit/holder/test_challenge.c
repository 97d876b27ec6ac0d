/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform may give as a challenge, and when it may be answered. */
#include "base/hex.h"
#include "holder/challenge.h"
#include "support/replaced.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NONCE    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define REDIRECT "https://shop.example/back?x=1"
#define KEY_ID   "000102030405060708090a0b0c0d0e0f10111213"

enum { NOW = 1790000000 };

static const uint8_t key_id[20] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                   10, 11, 12, 13, 14, 15, 16, 17, 18, 19};

static const char *redirect = REDIRECT; /* NULL: none */

static struct json *make_answer(void)
{
    struct json *answer = json_object_new(), *provider = json_object_new();
    struct json *issuers = json_array_new(), *wants = json_array_new();

    assert_int_equal(json_put_text(answer, "session", "s-1", NULL), 0);
    assert_int_equal(json_put_text(answer, "nonce", NONCE, NULL), 0);
    assert_int_equal(json_put_int(answer, "expires_at", NOW + 60, NULL), 0);
    assert_int_equal(json_put_text(provider, "name", "お店", NULL), 0);
    assert_int_equal(json_put_text(provider, "origin", "https://shop.example", NULL), 0);
    assert_int_equal(json_put_text(provider, "client_id", "shop", NULL), 0);
    assert_int_equal(json_put(answer, "provider", provider, NULL), 0);
    assert_int_equal(json_add_text(issuers, KEY_ID, NULL), 0);
    assert_int_equal(json_put(answer, "issuers", issuers, NULL), 0);
    assert_int_equal(json_put_text(answer, "secret", "the-secret", NULL), 0);
    if (redirect != NULL)
        assert_int_equal(json_put_text(answer, "redirect_uri", redirect, NULL), 0);
    assert_int_equal(json_put_bool(answer, "attributes", true, NULL), 0);
    assert_int_equal(json_add_text(wants, "name", NULL), 0);
    assert_int_equal(json_add_text(wants, "gender", NULL), 0);
    assert_int_equal(json_put(answer, "wants", wants, NULL), 0);
    return answer;
}

/* The answer as text, with a part of it replaced. */
static int parse_changed(const char *from, const char *to, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = make_answer();
    CLEANUP(json_freep) struct json *changed = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct challenge challenge = {.session = "untouched"};
    const char *whole;
    int rc;

    assert_int_equal(json_write(answer, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    changed = json_replaced(whole, from, to);
    rc = challenge_parse(changed, &challenge, err);
    if (rc < 0)
        assert_string_equal(challenge.session, "untouched");
    return rc;
}

static void an_incomplete_or_odd_challenge_is_refused(void **state)
{
    static const char *const changes[][2] = {
        {"\"session\":\"s-1\"", "\"sessions\":\"s-1\""},
        {"s-1", ""},
        {"s-1", "../redeem"},
        {"s-1", "s%2f1"},
        {"s-1", "s 1"},
        {"\"s-1\"", "1"},
        {NONCE, ""},
        {NONCE, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="}, /* 31 octets */
        {NONCE, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"}, /* 33 octets */
        {NONCE, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},  /* without padding */
        {NONCE, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9="}, /* another spelling */
        {"1790000060", "-1"},
        {"1790000060", "\"1790000060\""},
        {"1790000060", "1790000060.5"},
        {"\"shop\"", "\"\""},
        {"\"shop\"", "\"a/b\""},
        {"\"お店\"", "\"\""},
        {"\"お店\"", "null"},
        {"\"https://shop.example\"", "\"\""},
        {"\"name\"", "\"title\""},
        {"[\"" KEY_ID "\"]", "\"" KEY_ID "\""},
        {"[\"" KEY_ID "\"]", "[1]"},
        {KEY_ID, "0001"},
        {KEY_ID, KEY_ID "14"},
        {KEY_ID, "zz0102030405060708090a0b0c0d0e0f10111213"},
        {"the-secret", ""},
        {"\"the-secret\"", "null"},
        {REDIRECT, ""},
        {REDIRECT, "https://shop.example.evil.example/back"}, /* begins like the origin shown */
        {REDIRECT, "https://shop.example@evil.example/back"},
        {REDIRECT, "https://shop.example:444/back"},
        {REDIRECT, "http://shop.example/back"},
        {REDIRECT, "https://evil.example/https://shop.example/"},
        {REDIRECT, "https://shop.example/a b"},
        {REDIRECT, "https://shop.example/戻る"},
        {"\"" REDIRECT "\"", "[]"},
        {"\"attributes\":true", "\"attributes\":1"},
        {"\"attributes\":true", "\"attributes\":false"}, /* wishes that are not to be told */
        {"\"attributes\":true", "\"attribute\":true"},
        {"\"wants\"", "\"want\""}, /* or that cannot be */
        {"[\"name\",\"gender\"]", "[]"},
        {"[\"name\",\"gender\"]", "\"name\""},
        {"\"gender\"", "\"name\""}, /* twice */
        {"\"gender\"", "\"income\""},
        {"\"gender\"", "\"Gender\""},
        {"\"gender\"", "7"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct err err = {.text = ""};

        if (parse_changed(changes[i][0], changes[i][1], &err) != -ERR_INPUT)
            fail_msg("%s -> %s: %s", changes[i][0], changes[i][1], err.text);
    }
}

static void assert_longest(const char *member, const char *value, size_t longest)
{
    char text[1024];

    assert_true(longest + 1 < sizeof text);
    memset(text, 'a', longest);
    text[longest] = '\0';
    assert_int_equal(parse_changed(value, text, NULL), 0);
    memset(text, 'a', longest + 1);
    text[longest + 1] = '\0';
    if (parse_changed(value, text, NULL) != -ERR_INPUT)
        fail_msg("%s may be too long", member);
}

static void texts_have_a_longest_form(void **state)
{
    (void)state;
    assert_longest("session", "s-1", CHALLENGE_SESSION_MAX);
    assert_longest("secret", "the-secret", CHALLENGE_SESSION_MAX);
    assert_longest("name", "お店", CHALLENGE_NAME_MAX);
    redirect = NULL; /* it would be at another origin */
    assert_longest("origin", "https://shop.example", CHALLENGE_NAME_MAX);
    redirect = REDIRECT;
}

static void an_address_to_go_on_to_has_a_longest_form(void **state)
{
    char uri[CHALLENGE_URI_MAX + 2];

    (void)state;
    memset(uri, 'a', sizeof uri);
    memcpy(uri, REDIRECT, sizeof REDIRECT - 1);
    uri[CHALLENGE_URI_MAX] = '\0';
    assert_int_equal(parse_changed(REDIRECT, uri, NULL), 0);
    uri[CHALLENGE_URI_MAX] = 'a';
    uri[CHALLENGE_URI_MAX + 1] = '\0';
    assert_int_equal(parse_changed(REDIRECT, uri, NULL), -ERR_INPUT);
}

static void what_a_plain_login_does_without_may_be_missing(void **state)
{
    struct challenge challenge;
    CLEANUP(json_freep) struct json *answer = NULL;

    (void)state;
    redirect = NULL;
    assert_int_equal(
        parse_changed(",\"attributes\":true,\"wants\":[\"name\",\"gender\"]", "", NULL), 0);
    assert_int_equal(
        parse_changed("true,\"wants\":[\"name\",\"gender\"]", "false,\"wants\":[]", NULL), 0);
    answer = make_answer();
    redirect = REDIRECT;
    assert_int_equal(challenge_parse(answer, &challenge, NULL), 0);
    assert_string_equal(challenge.redirect_uri, "");
}

static void at_most_64_authorities_are_listed(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    const char *text;

    (void)state;
    assert_int_equal(buf_append_text(&list, "\"" KEY_ID "\"", NULL), 0);
    for (size_t i = 1; i < CHALLENGE_ISSUERS_MAX; i++)
        assert_int_equal(buf_append_text(&list, ",\"" KEY_ID "\"", NULL), 0);
    assert_int_equal(buf_text(&list, &text, NULL), 0);
    assert_int_equal(parse_changed("\"" KEY_ID "\"", text, NULL), 0);
    assert_int_equal(buf_append_text(&list, ",\"" KEY_ID "\"", NULL), 0);
    assert_int_equal(buf_text(&list, &text, NULL), 0);
    assert_int_equal(parse_changed("\"" KEY_ID "\"", text, NULL), -ERR_INPUT);
}

static void a_challenge_is_read(void **state)
{
    CLEANUP(json_freep) struct json *answer = make_answer();
    struct challenge challenge;

    (void)state;
    assert_int_equal(challenge_parse(answer, &challenge, NULL), 0);
    assert_string_equal(challenge.session, "s-1");
    assert_string_equal(challenge.client_id, "shop");
    assert_string_equal(challenge.provider_name, "お店");
    assert_string_equal(challenge.provider_origin, "https://shop.example");
    assert_int_equal(challenge.nonce[31], 31);
    assert_int_equal(challenge.expires_at, NOW + 60);
    assert_int_equal(challenge.issuer_count, 1);
    assert_memory_equal(challenge.issuers[0], key_id, sizeof key_id);
    assert_string_equal(challenge.secret, "the-secret");
    assert_string_equal(challenge.redirect_uri, REDIRECT);
    assert_int_equal(challenge.wants, CHALLENGE_WANTS_NAME | CHALLENGE_WANTS_SEX);
}

static void without_a_secret_it_is_somebody_elses(void **state)
{
    struct challenge challenge = {.session = "s-1", .client_id = "shop"};
    char subject[SUBJECT_MAX + 1];

    (void)state;
    assert_int_equal(parse_changed(",\"secret\":\"the-secret\"", "", NULL), 0);
    /* Both are refused before anybody is asked. */
    assert_int_equal(challenge_answer(&challenge, NULL, NULL, NULL, NULL), -ERR_USAGE);
    assert_int_equal(challenge_refuse(&challenge, NULL, NULL, NULL), -ERR_USAGE);
    assert_int_equal(challenge_redeem(&challenge, NULL, subject, NULL), -ERR_USAGE);
}

static void a_login_may_be_answered_until_its_last_second(void **state)
{
    const struct challenge challenge = {.expires_at = NOW};
    struct err err;

    (void)state;
    assert_int_equal(challenge_check_time(&challenge, NOW, NULL), 0);
    assert_int_equal(challenge_check_time(&challenge, NOW + 1, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "time of this login is over"));
    assert_int_equal(challenge_check_time(&challenge, NOW - CHALLENGE_SECONDS_MAX, NULL), 0);
    assert_int_equal(challenge_check_time(&challenge, NOW - CHALLENGE_SECONDS_MAX - 1, &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "good for longer"));
}

static void an_expiry_at_the_end_of_time_is_no_trouble(void **state)
{
    const struct challenge challenge = {.expires_at = INT64_MAX};

    (void)state;
    assert_int_equal(challenge_check_time(&challenge, NOW, NULL), -ERR_UNTRUSTED);
}

static void only_listed_authorities_are_taken_and_only_by_key(void **state)
{
    CLEANUP(json_freep) struct json *answer = make_answer();
    struct challenge challenge;
    uint8_t other[20];

    (void)state;
    assert_int_equal(challenge_parse(answer, &challenge, NULL), 0);
    memcpy(other, key_id, sizeof other);
    other[19] ^= 1;
    assert_int_equal(challenge_check_issuer(&challenge, BYTES_ARRAY(other), NULL), -ERR_UNTRUSTED);
    assert_int_equal(challenge_check_issuer(&challenge, bytes_of(key_id, 19), NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(challenge_check_issuer(&challenge, bytes_text(NULL), NULL), -ERR_UNTRUSTED);
    assert_int_equal(challenge_check_issuer(&challenge, BYTES_ARRAY(key_id), NULL), 0);
    challenge.issuer_count = 0;
    assert_int_equal(challenge_check_issuer(&challenge, BYTES_ARRAY(key_id), NULL), -ERR_UNTRUSTED);
}

static void a_code_is_six_digits(void **state)
{
    static const char *const others[] = {"", "12345", "1234567", "12345a", "-12345", "123 56"};

    (void)state;
    assert_int_equal(CHALLENGE_CODE_LEN, 6);
    assert_true(challenge_is_code("000000"));
    assert_true(challenge_is_code("123456"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(challenge_is_code(others[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_or_odd_challenge_is_refused),
        cmocka_unit_test(texts_have_a_longest_form),
        cmocka_unit_test(an_address_to_go_on_to_has_a_longest_form),
        cmocka_unit_test(what_a_plain_login_does_without_may_be_missing),
        cmocka_unit_test(at_most_64_authorities_are_listed),
        cmocka_unit_test(a_challenge_is_read),
        cmocka_unit_test(without_a_secret_it_is_somebody_elses),
        cmocka_unit_test(a_login_may_be_answered_until_its_last_second),
        cmocka_unit_test(an_expiry_at_the_end_of_time_is_no_trouble),
        cmocka_unit_test(only_listed_authorities_are_taken_and_only_by_key),
        cmocka_unit_test(a_code_is_six_digits),
    };

    return cmocka_run_group_tests_name("holder/challenge", tests, NULL, NULL);
}
