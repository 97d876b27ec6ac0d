/* SPDX-License-Identifier: Apache-2.0 */
/* Objects against tables of members, at every depth. */
#include "http/member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = {"red", "blue", NULL};
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
        {"{\"text\":null,\"maybe\":null}", "text"},
        {"{\"text\":\"\",\"maybe\":1}", "maybe"},
        {"{\"text\":\"\",\"maybe\":null,\"other\":1}", "other"},
        {"{\"text\":\"\",\"maybe\":null,\"number\":null}", "number"},
        {"{\"text\":\"\",\"maybe\":null,\"number\":1.0}", "number"},
        {"{\"text\":\"\",\"maybe\":null,\"flag\":0}", "flag"},
        {"{\"text\":\"\",\"maybe\":null,\"object\":[]}", "object"},
        {"{\"text\":\"\",\"maybe\":null,\"object\":{}}", "object: member \"colour\" is missing"},
        {"{\"text\":\"\",\"maybe\":null,\"object\":{\"colour\":\"green\"}}",
         "object: member \"colour\" is none of red, blue"},
        {"{\"text\":\"\",\"maybe\":null,\"object\":{\"colour\":\"red\",\"more\":1}}",
         "object: unknown member \"more\""},
        {"{\"text\":\"\",\"maybe\":null,\"objects\":{}}", "objects"},
        {"{\"text\":\"\",\"maybe\":null,\"objects\":[1]}", "objects"},
        {"{\"text\":\"\",\"maybe\":null,\"objects\":[{\"colour\":\"red\"},{}]}",
         "objects: member \"colour\""},
        {"{\"text\":\"\",\"maybe\":null,\"texts\":[1]}", "texts"},
        {"{\"text\":\"\",\"maybe\":null,\"texts\":[\"red\",\"green\"]}", "texts"},
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
        "{\"text\":\"\",\"maybe\":null}",
        "{\"maybe\":\"x\",\"text\":\"\"}",
        "{\"text\":\"\",\"maybe\":null,\"number\":-1,\"flag\":true}",
        "{\"text\":\"\",\"maybe\":null,\"object\":{\"colour\":\"red\"}}",
        "{\"text\":\"\",\"maybe\":null,\"objects\":[{\"colour\":\"blue\"}]}",
        "{\"text\":\"\",\"maybe\":null,\"objects\":[],\"texts\":[\"red\",\"red\"]}",
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_in_the_table_is_refused_by_name),
        cmocka_unit_test(what_is_in_the_table_is_taken),
        cmocka_unit_test(a_long_list_of_values_does_not_overflow_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
