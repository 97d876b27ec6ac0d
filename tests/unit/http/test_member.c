/* SPDX-License-Identifier: Apache-2.0 */
/* Objects against tables of members, at every depth: trees, and what is written without one. */
#include "http/member.h"

#include "http/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

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

static void write_value(struct http_writer *w, const char *name, json_t *value);

static void write_members(struct http_writer *w, json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value) write_value(w, name, value);
}

static void write_value(struct http_writer *w, const char *name, json_t *value)
{
    if (json_is_object(value)) {
        http_write_object(w, name);
        write_members(w, value);
        http_write_end(w);
    } else if (json_is_array(value)) {
        http_write_array(w, name);
        for (size_t i = 0; i < json_array_size(value); i++)
            write_value(w, NULL, json_array_get(value, i));
        http_write_end(w);
    } else if (json_is_string(value)) {
        http_write_text(w, name, json_string_value(value));
    } else if (json_is_integer(value)) {
        http_write_int(w, name, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        http_write_bool(w, name, json_is_true(value));
    } else {
        assert_true(json_is_null(value));
        http_write_null(w, name);
    }
}

/* The same as the writer says it. */
static int check_written(const struct json *value, struct err *err)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    CLEANUP(buf_done) struct buf theirs = BUF_INIT;
    CLEANUP(buf_done) struct buf ours = BUF_INIT;

    http_writer_begin(&w, table);
    write_members(&w, (json_t *)(uintptr_t)value);
    TRY(http_writer_end(&w, &ours, err));
    assert_int_equal(json_write(value, &theirs, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&ours), buf_bytes(&theirs)));
    return 0;
}

/* An array, and a number with a fraction, are nothing that could be written. */
static bool is_writable(const struct json *value)
{
    const json_t *root = (const json_t *)(const void *)value;

    return json_is_object(root) && !json_is_real(json_object_get(root, "number"));
}

static int check(const char *text, struct err *err)
{
    CLEANUP(json_freep) struct json *value = NULL;
    struct err written = {0};
    int rc;

    assert_int_equal(json_parse(bytes_text(text), &value, NULL), 0);
    if (is_writable(value)) {
        rc = http_members_check_ours(value, table, err);
        assert_int_equal(check_written(value, &written), rc);
        assert_string_equal(written.text, err->text);
    }
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
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct err err = {0};

        assert_int_equal(check(texts[i], &err), 0);
    }
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

static void names_are_plain(void **state)
{
    static const char *const bad[] = {"a\"b", "a\\b", "a\n", "\x7f", "名"};
    struct http_member one[] = {{"a b-c_1", HTTP_TEXT, HTTP_REQUIRED, "a text"}, {NULL}};
    struct http_member outer[] = {{"a", HTTP_ARRAY, HTTP_REQUIRED, "objects", one}, {NULL}};

    (void)state;
    assert_int_equal(http_members_valid(outer, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        one[0].name = bad[i];
        assert_int_equal(http_members_valid(outer, NULL), -ERR_USAGE);
    }
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
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test(what_is_not_in_its_form_is_not_repeated),
        cmocka_unit_test(base64_is_held_by_hand),
        cmocka_unit_test(a_form_that_cannot_be_checked_is_faulty),
        cmocka_unit_test(a_long_list_of_values_does_not_overflow_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
