/* SPDX-License-Identifier: Apache-2.0 */
/* Objects against tables of members, at every depth. */
#include "http/member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = {"red", "blue", NULL};
static const struct http_form digits_form = {"^[0-9]{2}$", "two digits"};
static const struct http_member inner[] = {
    {"colour", HTTP_TEXT, HTTP_REQUIRED, "one of two", .values = colours},
    {NULL},
};
static const struct http_member table[] = {
    {"text", HTTP_TEXT, HTTP_REQUIRED, "a text"},
    {"maybe", HTTP_TEXT, HTTP_OR_NULL, "a text or null"},
    {"number", HTTP_INT, HTTP_OPTIONAL, "a number"},
    {"flag", HTTP_BOOL, HTTP_OPTIONAL, "a flag"},
    {"object", HTTP_OBJECT, HTTP_OPTIONAL, "an object", inner},
    {"objects", HTTP_ARRAY, HTTP_OPTIONAL, "objects", inner},
    {"texts", HTTP_ARRAY, HTTP_OPTIONAL, "texts", .values = colours},
    {"digits", HTTP_TEXT, HTTP_OPTIONAL, "digits", .form = &digits_form},
    {"day", HTTP_TEXT, HTTP_OR_NULL, "a day or null", .form = &http_form_date},
    {"many", HTTP_ARRAY, HTTP_OPTIONAL, "digits", .form = &digits_form},
    {NULL},
};

static int check(const char *text, struct err *err)
{
    CLEANUP(json_freep) struct json *value = NULL;

    assert_int_equal(json_parse(bytes_text(text), &value, NULL), 0);
    return http_members_check(value, table, err);
}

static void what_is_not_in_the_table_is_refused_by_name(void **state)
{
    static const struct {
        const char *text;
        const char *named;
    } rows[] = {
        {"[]", "object"},
        {"{}", "text"},
        {"{\"text\":\"\"}", "maybe"},
        {"{\"text\":null,\"day\":null,\"maybe\":null}", "text"},
        {"{\"text\":\"\",\"maybe\":1}", "maybe"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"other\":1}", "other"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"number\":null}", "number"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"number\":1.0}", "number"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"flag\":0}", "flag"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"object\":[]}", "object"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"object\":{}}",
         "object: member \"colour\" is missing"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"object\":{\"colour\":\"green\"}}",
         "object: member \"colour\" is none of red, blue"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"object\":{\"colour\":\"red\",\"more\":1}}",
         "object: unknown member \"more\""},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"objects\":{}}", "objects"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"objects\":[1]}", "objects"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"objects\":[{\"colour\":\"red\"},{}]}",
         "objects: member \"colour\""},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"digits\":\"123\"}",
         "member \"digits\" is not in its form: two digits"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"digits\":\"\"}", "digits"},
        {"{\"text\":\"\",\"day\":\"\",\"maybe\":null}", "day"},
        {"{\"text\":\"\",\"day\":\"2026-1-1\",\"maybe\":null}",
         "member \"day\" is not in its form: YYYY-MM-DD"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"many\":[\"12\",\"1\"]}", "many"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"texts\":[1]}", "texts"},
        {"{\"text\":\"\",\"day\":null,\"maybe\":null,\"texts\":[\"red\",\"green\"]}", "texts"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {0};

        if (check(rows[i].text, &err) != -ERR_INPUT || strstr(err.text, rows[i].named) == NULL)
            fail_msg("%s: %s", rows[i].text, err.text);
    }
}

static void what_is_in_the_table_is_taken(void **state)
{
    static const char *const texts[] = {
        "{\"text\":\"\",\"day\":null,\"maybe\":null}",
        "{\"maybe\":\"x\",\"text\":\"\",\"day\":\"2026-02-31\"}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"digits\":\"09\",\"many\":[]}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"many\":[\"12\",\"34\"]}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"number\":-1,\"flag\":true}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"object\":{\"colour\":\"red\"}}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"objects\":[{\"colour\":\"blue\"}]}",
        "{\"text\":\"\",\"day\":null,\"maybe\":null,\"objects\":[],\"texts\":[\"red\",\"red\"]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(check(texts[i], NULL), 0);
}

static void a_long_list_of_values_does_not_overflow_its_sentence(void **state)
{
    static const char *const values[] = {"a value of so many characters",
                                         "a value of so many characters",
                                         "a value of so many characters",
                                         "a value of so many characters",
                                         "a value of so many characters",
                                         "a value of so many characters",
                                         NULL};
    static const struct http_member long_table[] = {
        {"text", HTTP_TEXT, HTTP_REQUIRED, "one of many", .values = values}, {NULL}};
    CLEANUP(json_freep) struct json *object = json_object_new();

    (void)state;
    assert_int_equal(json_put_text(object, "text", "x", NULL), 0);
    assert_int_equal(http_members_check(object, long_table, NULL), -ERR_INPUT);
}

/* A secret that is spelled wrongly is no less one. */
static void what_is_not_in_its_form_is_not_repeated(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(check("{\"text\":\"\",\"day\":null,\"maybe\":null,\"digits\":\"hush\"}", &err),
                     -ERR_INPUT);
    assert_null(strstr(err.text, "hush"));
}

static void base64_is_held_by_hand(void **state)
{
    static const char *const not [] = {"A",    "AA",   "AAA",   "AA=",    "A===",
                                       "=",    "==",   "====",  "AAAA=",  "AA==AAAA",
                                       "AA=A", "AA-_", "AAA\n", "AAAA\n", "AA A"};
    static const char *const is[] = {"", "AA==", "AAA=", "AAAA", "+/09azAZ"};

    (void)state;
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        assert_false(http_form_fits(&http_form_base64, not [i]));
    for (size_t i = 0; i < sizeof is / sizeof is[0]; i++)
        assert_true(http_form_fits(&http_form_base64, is[i]));
}

static void a_form_that_cannot_be_checked_is_faulty(void **state)
{
    static const struct http_form ahead = {"^(?=a)b$", "what needs to look ahead"};
    static const struct http_form wordless = {"^a$", NULL};
    static const struct http_member faulty[][2] = {
        {{"text", HTTP_TEXT, HTTP_REQUIRED, "a text", .form = &ahead}, {NULL}},
        {{"text", HTTP_TEXT, HTTP_REQUIRED, "a text", .form = &wordless}, {NULL}},
        {{"number", HTTP_INT, HTTP_REQUIRED, "a number", .form = &digits_form}, {NULL}},
        {{"list", HTTP_ARRAY, HTTP_REQUIRED, "objects", inner, &digits_form}, {NULL}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++)
        assert_int_equal(http_members_valid(faulty[i], NULL), -ERR_USAGE);
    assert_int_equal(http_members_valid(table, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_in_the_table_is_refused_by_name),
        cmocka_unit_test(what_is_in_the_table_is_taken),
        cmocka_unit_test(what_is_not_in_its_form_is_not_repeated),
        cmocka_unit_test(base64_is_held_by_hand),
        cmocka_unit_test(a_form_that_cannot_be_checked_is_faulty),
        cmocka_unit_test(a_long_list_of_values_does_not_overflow_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
