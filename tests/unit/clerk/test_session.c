/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct json *written(const char *name, const char *value)
{
    static const char *const names[] = {"socket", "origin", "session", "counter",
                                        "clerk",  "name",   "token",   NULL};
    struct json *json = json_object_new();

    for (size_t i = 0; names[i] != NULL; i++) {
        const char *text = strcmp(names[i], name) == 0 ? value : names[i];

        if (text != NULL)
            assert_int_equal(json_put_text(json, names[i], text, NULL), 0);
    }
    assert_int_equal(json_put_int(json, "expires_at", 9, NULL), 0);
    return json;
}

static void what_is_no_session_is_refused(void **state)
{
    static const char *const names[] = {"socket", "origin", "session", "counter",
                                        "clerk",  "name",   "token",   NULL};
    CLEANUP(json_freep) struct json *nothing = json_object_new();
    struct clerk_session session;

    (void)state;
    assert_int_equal(clerk_session_parse(nothing, &session, NULL), -ERR_INPUT);
    for (size_t i = 0; names[i] != NULL; i++) {
        CLEANUP(json_freep) struct json *json = written(names[i], NULL);

        assert_int_equal(clerk_session_parse(json, &session, NULL), -ERR_INPUT);
    }
}

static void each_text_has_a_largest_size(void **state)
{
    char text[CLERK_TEXT_MAX + 2];
    struct clerk_session session;

    (void)state;
    memset(text, 'a', sizeof text);
    text[CLERK_TEXT_MAX + 1] = '\0';
    CLEANUP(json_freep) struct json *more = written("token", text);
    assert_int_equal(clerk_session_parse(more, &session, NULL), -ERR_INPUT);
    text[CLERK_TEXT_MAX] = '\0';
    CLEANUP(json_freep) struct json *most = written("token", text);
    assert_int_equal(clerk_session_parse(most, &session, NULL), 0);
    assert_string_equal(session.token, text);
}

static void a_session_is_read_as_it_was_written(void **state)
{
    const struct clerk_session before = {.socket = "/s",
                                         .origin = "o",
                                         .id = "i",
                                         .counter = "c",
                                         .clerk = "k",
                                         .name = "番号",
                                         .token = "t",
                                         .expires_at = 12};
    CLEANUP(json_freep) struct json *json = NULL;
    struct clerk_session after;

    (void)state;
    assert_int_equal(clerk_session_write(&before, &json, NULL), 0);
    assert_int_equal(clerk_session_parse(json, &after, NULL), 0);
    assert_string_equal(after.socket, "/s");
    assert_string_equal(after.id, "i");
    assert_string_equal(after.name, "番号");
    assert_string_equal(after.token, "t");
    assert_int_equal(after.expires_at, 12);
    clerk_session_done(&after);
    assert_string_equal(after.token, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_session_is_refused),
        cmocka_unit_test(each_text_has_a_largest_size),
        cmocka_unit_test(a_session_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
