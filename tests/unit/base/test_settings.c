/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

#include "base/json.h"
#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct conf_key main_keys[] = {
    {"main", "name", CONF_TEXT, 0, NULL, 0, 0, "the name"},
    {"main", "spare", CONF_PATHS, 0, CONF_UNSET, 0, 0, "optional"},
    {"main", "workers", CONF_INT, 0, "4", 1, 64, "how many"},
    {"main", "loud", CONF_FLAG, 0, "no", 0, 0, "whether \"loud\""},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
static const struct conf_key item_keys[] = {
    {"item NAME", "path", CONF_PATH, 0, "/tmp", 0, 0, "the place"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
static const struct conf_key *const tables[] = {main_keys, item_keys, NULL};
static const char *const reloaded[] = {"workers", "path", NULL};
static const struct settings_variable variables[] = {
    {"PLAIN", "", "what is not set"}, {"PLACE", "/run", "where"}, {NULL, NULL, NULL}};
static const struct program_settings all = {tables, reloaded, variables};

static void people_see_each_with_default_and_effect(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *shown;

    (void)state;
    assert_int_equal(settings_text(&all, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &shown, NULL), 0);
    assert_string_equal(shown,
                        "[main] name: text, required\n    the name\n"
                        "[main] spare: path, once or more, not set by default\n    optional\n"
                        "[main] workers: number, 1 to 64, default 4, read again by SIGHUP\n"
                        "    how many\n"
                        "[main] loud: yes or no, default no\n    whether \"loud\"\n"
                        "[item NAME] path: path, default /tmp, read again by SIGHUP\n"
                        "    the place\n"
                        "$PLAIN: not set by default\n    what is not set\n"
                        "$PLACE: default /run\n    where\n");
}

static void programs_see_the_same_as_json(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *value = NULL;
    const struct json *keys, *found;
    const char *name = NULL;
    int64_t max = 0;
    bool flag = false;

    (void)state;
    assert_int_equal(settings_json(&all, "jpkid", &text, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&text), &value, NULL), 0);
    assert_int_equal(json_get_text(value, "program", &name, NULL), 0);
    assert_string_equal(name, "jpkid");
    assert_int_equal(json_get_array(value, "keys", &keys, NULL), 0);
    assert_int_equal(json_count(keys), 5);
    assert_true(json_is_null_member(json_at(keys, 0), "default"));
    assert_int_equal(json_get_bool(json_at(keys, 0), "required", &flag, NULL), 0);
    assert_true(flag);
    assert_int_equal(json_get_text(json_at(keys, 1), "default", &name, NULL), 0);
    assert_string_equal(name, "");
    assert_int_equal(json_get_int(json_at(keys, 2), "max", &max, NULL), 0);
    assert_int_equal(max, 64);
    assert_int_equal(json_get_bool(json_at(keys, 2), "required", &flag, NULL), 0);
    assert_false(flag);
    assert_false(json_has(json_at(keys, 3), "max"));
    assert_int_equal(json_get_bool(json_at(keys, 3), "reloaded", &flag, NULL), 0);
    assert_false(flag);
    assert_int_equal(json_get_bool(json_at(keys, 4), "reloaded", &flag, NULL), 0);
    assert_true(flag);
    assert_int_equal(json_get_array(value, "variables", &found, NULL), 0);
    assert_int_equal(json_count(found), 2);
    assert_int_equal(json_get_text(json_at(found, 1), "default", &name, NULL), 0);
    assert_string_equal(name, "/run");
}

static void a_program_may_have_no_file_and_no_variables(void **state)
{
    static const struct program_settings none = {NULL, NULL, NULL};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf json = BUF_INIT;
    const char *shown;

    (void)state;
    assert_int_equal(settings_text(&none, &text, NULL), 0);
    assert_int_equal(text.len, 0);
    assert_int_equal(settings_json(&none, "x", &json, NULL), 0);
    assert_int_equal(buf_text(&json, &shown, NULL), 0);
    assert_string_equal(shown, "{\"program\":\"x\",\"keys\":[],\"variables\":[]}");
}

static int print_both(void *context)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf json = BUF_INIT;

    (void)context;
    TRY(settings_text(&all, &text, NULL));
    return settings_json(&all, "jpkid", &json, NULL);
}

static void every_failed_allocation_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(print_both, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_see_each_with_default_and_effect),
        cmocka_unit_test(programs_see_the_same_as_json),
        cmocka_unit_test(a_program_may_have_no_file_and_no_variables),
        cmocka_unit_test(every_failed_allocation_is_told_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
