/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/state.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/plug.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir top;
static struct layout layout;

static int enter(void **state)
{
    (void)state;
    top = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    return 0;
}

static int leave(void **state)
{
    (void)state;
    tempdir_done(&top);
    return 0;
}

static void put(const char *name, struct bytes text)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(layout_path(&layout, name, &path, NULL), 0);
    assert_int_equal(file_replace(path, 0600, text, NULL), 0);
}

/* content and blanks up to len bytes. */
static void put_padded(const char *name, const char *content, size_t len)
{
    char *text = malloc(len);

    assert_non_null(text);
    memset(text, ' ', len);
    memcpy(text, content, strlen(content));
    put(name, bytes_of(text, len));
    free(text);
}

static void without_a_sandbox_there_is_no_state(void **state)
{
    struct json *json = NULL;

    (void)state;
    assert_int_equal(state_read(&layout, &json, NULL), -ERR_ABSENT);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(state_read(&layout, &json, NULL), -ERR_ABSENT);
    assert_int_equal(plug_ask(&layout, "hanako", NULL), -ERR_ABSENT);
    assert_null(json);
}

static void a_state_of_a_newer_version_or_past_the_limit_is_refused(void **state)
{
    CLEANUP(json_freep) struct json *json = NULL;
    struct err err;

    (void)state;
    assert_int_equal(layout_make(&layout, NULL), 0);
    put(STATE_FILE, BYTES_LITERAL("{\"version\":2}"));
    assert_int_equal(state_load(&layout, &json, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another version"));
    put_padded(STATE_FILE, "{\"version\":1}", SANDBOX_STATE_BYTES_MAX + 1);
    assert_int_equal(state_load(&layout, &json, NULL), -ERR_INPUT);
    put_padded(STATE_FILE, "{\"version\":1}", SANDBOX_STATE_BYTES_MAX);
    assert_int_equal(state_load(&layout, &json, NULL), 0);
}

static void what_is_written_is_read_again(void **state)
{
    CLEANUP(supervisor_freep) struct supervisor *sup = NULL;
    CLEANUP(json_freep) struct json *json = NULL;
    const struct json *programs = NULL;
    const struct ports ports = {8720, 8721, 8722, 8723, 8724, 8725, -1};
    struct state given = {
        .is_ready = true, .ports = &ports, .no_reader = "why", .plugged = "hanako"};
    const char *text = NULL;
    bool flag = false;

    (void)state;
    assert_int_equal(supervisor_new(&(struct supervisor_hooks){NULL, NULL, NULL}, &sup, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(state_write(&layout, sup, &given, NULL), 0);
    assert_int_equal(state_load(&layout, &json, NULL), 0);
    assert_int_equal(json_get_bool(json, "healthy", &flag, NULL), 0);
    assert_true(flag);
    assert_int_equal(json_get_bool(json, "reader", &flag, NULL), 0);
    assert_false(flag);
    assert_int_equal(json_get_text(json, "no_reader_reason", &text, NULL), 0);
    assert_string_equal(text, "why");
    assert_int_equal(json_get_text(json, "plugged", &text, NULL), 0);
    assert_string_equal(text, "hanako");
    assert_int_equal(json_get_array(json, "programs", &programs, NULL), 0);
    assert_int_equal(json_count(programs), 0);
}

static void a_wish_that_names_a_path_or_is_too_long_is_refused(void **state)
{
    struct plug plug;

    (void)state;
    put("plugged", BYTES_LITERAL("{\"persona\":\"../x\",\"request\":\"1\"}"));
    assert_int_equal(plug_read(&layout, &plug, NULL), -ERR_INPUT);
    put("plugged", BYTES_LITERAL("{\"persona\":\"..\",\"request\":\"1\"}"));
    assert_int_equal(plug_read(&layout, &plug, NULL), -ERR_INPUT);
    put("plugged", BYTES_LITERAL("{\"persona\":\"abcdefghijklmnopqrstuvwxy\",\"request\":\"1\"}"));
    assert_int_equal(plug_read(&layout, &plug, NULL), -ERR_INPUT);
    put_padded("plugged", "{\"persona\":\"a\",\"request\":\"1\"}", SANDBOX_PLUG_BYTES_MAX + 1);
    assert_int_equal(plug_read(&layout, &plug, NULL), -ERR_INPUT);
    put_padded("plugged", "{\"persona\":\"a\",\"request\":\"1\"}", SANDBOX_PLUG_BYTES_MAX);
    assert_int_equal(plug_read(&layout, &plug, NULL), 0);
    assert_string_equal(plug.persona, "a");
}

static void without_a_wish_there_is_no_card(void **state)
{
    struct plug plug;

    (void)state;
    assert_int_equal(plug_read(&layout, &plug, NULL), 0);
    assert_string_equal(plug.persona, "");
    assert_string_equal(plug.request, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_sandbox_there_is_no_state, enter, leave),
        cmocka_unit_test_setup_teardown(a_state_of_a_newer_version_or_past_the_limit_is_refused,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again, enter, leave),
        cmocka_unit_test_setup_teardown(a_wish_that_names_a_path_or_is_too_long_is_refused, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(without_a_wish_there_is_no_card, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
