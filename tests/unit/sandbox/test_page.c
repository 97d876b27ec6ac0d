/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/page.h"

#include "base/file.h"
#include "http/engine.h"
#include "sandbox/limits.h"
#include "sandbox/state.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = {"index.html", "start.js", "start.css", "icon.svg"};

static struct tempdir top;   /* the sandbox's */
static struct tempdir pages; /* the files of the page */
static struct layout layout;
static struct page page;

static void put(const struct tempdir *dir, const char *name, struct bytes text)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0600, text, NULL), 0);
}

static int enter(void **state)
{
    (void)state;
    top = tempdir_make();
    pages = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put(&pages, names[i], bytes_text(names[i]));
    return page_load(pages.path, &layout, &page, NULL);
}

static int leave(void **state)
{
    (void)state;
    page_done(&page);
    tempdir_done(&pages);
    tempdir_done(&top);
    return 0;
}

static struct buf ask(const char *request)
{
    const struct http_server_options options = {.routes = page_routes, .context = &page};
    const struct http_peer peer = {.is_unix = false};
    struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(http_loopback(&options, &peer, bytes_text(request), &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    return answer;
}

static struct buf get(const char *path, const char *host)
{
    char request[512];

    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
    return ask(request);
}

static void assert_status(const struct buf *answer, const char *status)
{
    if (strncmp((const char *)answer->ptr + 9, status, 3) != 0)
        fail_msg("not %s but %s", status, (const char *)answer->ptr);
}

static bool has(const struct buf *answer, const char *part)
{
    return memmem(answer->ptr, answer->len, part, strlen(part)) != NULL;
}

static const char *const paths[] = {"/",         "/?lang=en", "/start.js", "/start.css",
                                    "/icon.svg", "/v1/state", "/v1/trace", "/v1/personas"};
enum { PATHS = sizeof paths / sizeof paths[0], PATHS_OF_FILES = 5 };

static void nothing_is_told_to_whoever_names_another_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS; i++) {
        CLEANUP(buf_done) struct buf answer = get(paths[i], "evil.example");

        assert_status(&answer, "403");
        assert_true(has(&answer, "application/problem+json"));
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            assert_false(has(&answer, names[j]));
    }
}

static void without_a_host_there_is_no_answer_either(void **state)
{
    CLEANUP(buf_done) struct buf old = ask("GET / HTTP/1.0\r\n\r\n");
    CLEANUP(buf_done) struct buf none = ask("GET / HTTP/1.1\r\n\r\n");
    CLEANUP(buf_done)
    struct buf two = ask("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n");
    CLEANUP(buf_done)
    struct buf absolute = ask("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");

    (void)state;
    assert_status(&old, "403");
    assert_status(&none, "400");
    assert_status(&two, "400");
    assert_status(&absolute, "400");
}

static void nothing_can_be_changed(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};

    (void)state;
    for (size_t i = 0; i < PATHS; i++)
        for (size_t j = 0; j < sizeof methods / sizeof methods[0]; j++) {
            char request[256];

            (void)snprintf(request, sizeof request,
                           "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
                           methods[j], paths[i]);
            CLEANUP(buf_done) struct buf answer = ask(request);
            assert_status(&answer, "405");
        }
}

static void other_files_are_not_served(void **state)
{
    static const char *const others[] = {"/index.html",         "/start.html", "/../state.json",
                                         "/start.js/",          "/v1",         "/v1/state/x",
                                         "/%2e%2e/state.json",  "/lock",       "/state.json",
                                         "/v1/personas/hanako", "/favicon.ico"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(buf_done) struct buf answer = get(others[i], "localhost");

        if (strncmp((const char *)answer.ptr + 9, "400", 3) != 0)
            assert_status(&answer, "404");
    }
}

static void without_a_running_sandbox_there_is_no_state(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf none = get("/v1/state", "localhost");
    assert_status(&none, "404");
    assert_true(has(&none, "jpki-sandbox up"));
    /* One that was killed has left its state behind. */
    assert_int_equal(layout_make(&layout, NULL), 0);
    put(&top, "lock", bytes_text(""));
    put(&top, STATE_FILE, bytes_text("{\"version\":1,\"programs\":[]}"));
    CLEANUP(buf_done) struct buf killed = get("/v1/state", "localhost");
    assert_status(&killed, "404");
    assert_false(has(&killed, "programs"));
}

static void a_page_that_is_not_whole_is_not_loaded(void **state)
{
    struct page other = {.layout = NULL};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(unlink(tempdir_file(&pages, names[i], path)), 0);
        assert_int_equal(page_load(pages.path, &layout, &other, NULL), -ERR_ABSENT);
        assert_null(other.layout);
        put(&pages, names[i], bytes_text("x"));
    }
}

static void a_file_may_have_the_limit_and_no_byte_more(void **state)
{
    struct page other = {.layout = NULL};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(truncate(tempdir_file(&pages, "start.js", path), PAGE_FILE_BYTES_MAX + 1), 0);
    assert_int_equal(page_load(pages.path, &layout, &other, NULL), -ERR_INPUT);
    assert_int_equal(truncate(path, PAGE_FILE_BYTES_MAX), 0);
    assert_int_equal(page_load(pages.path, &layout, &other, NULL), 0);
    assert_int_equal(other.files[PAGE_SCRIPT].len, PAGE_FILE_BYTES_MAX);
    page_done(&other);
}

static void every_file_is_served_with_its_type_and_a_policy(void **state)
{
    static const char *const types[] = {"text/html; charset=utf-8", "text/html; charset=utf-8",
                                        "text/javascript; charset=utf-8", "text/css; charset=utf-8",
                                        "image/svg+xml"};

    (void)state;
    for (size_t i = 0; i < PATHS_OF_FILES; i++) {
        CLEANUP(buf_done) struct buf answer = get(paths[i], "127.0.0.1:8080");

        assert_status(&answer, "200");
        assert_true(has(&answer, types[i]));
        assert_true(
            has(&answer, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
        assert_true(has(&answer, "frame-ancestors 'none'"));
        assert_false(has(&answer, "unsafe"));
        assert_true(has(&answer, "X-Content-Type-Options: nosniff\r\n"));
        assert_true(has(&answer, "Cache-Control: no-store\r\n"));
    }
    CLEANUP(buf_done) struct buf script = get("/start.js", "localhost");
    assert_true(has(&script, "\r\n\r\nstart.js"));
}

static void the_trace_is_what_the_programs_wrote(void **state)
{
    static const char step[] =
        "{\"at_us\":5,\"utc\":9,\"program\":\"jpki-x\",\"pid\":7,\"flow\":\"F2\",\"step\":\"①\","
        "\"text\":\"<b>\",\"trace_id\":null}";

    (void)state;
    assert_int_equal(layout_make(&layout, NULL), 0);
    CLEANUP(buf_done) struct buf none = get("/v1/trace", "localhost");
    assert_status(&none, "200");
    assert_true(has(&none, "\r\n\r\n{\"steps\":[]}"));
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    assert_int_equal(buf_append_format(&line, NULL, "%s\n", step), 0);
    put(&top, "trace/x.jsonl", buf_bytes(&line));
    CLEANUP(buf_done) struct buf one = get("/v1/trace", "localhost");
    assert_true(has(&one, step));
    assert_true(has(&one, "X-Content-Type-Options: nosniff\r\n"));
    assert_true(has(&one, "Content-Type: application/json\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_told_to_whoever_names_another_host, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(without_a_host_there_is_no_answer_either, enter, leave),
        cmocka_unit_test_setup_teardown(nothing_can_be_changed, enter, leave),
        cmocka_unit_test_setup_teardown(other_files_are_not_served, enter, leave),
        cmocka_unit_test_setup_teardown(without_a_running_sandbox_there_is_no_state, enter, leave),
        cmocka_unit_test_setup_teardown(a_page_that_is_not_whole_is_not_loaded, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_may_have_the_limit_and_no_byte_more, enter, leave),
        cmocka_unit_test_setup_teardown(every_file_is_served_with_its_type_and_a_policy, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(the_trace_is_what_the_programs_wrote, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
