/* SPDX-License-Identifier: Apache-2.0 */
/* The console's files as a browser asks for them. What a folder may hold is test_pages.c's. */
#include "support/platform_calls.h"

#include "base/file.h"
#include "http/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* As JSON, because answers are read so here; what it is called is what counts. */
static void open_console(const struct tempdir *dir)
{
    static const struct {
        const char *name, *text;
    } files[] = {{"index.html", "{\"file\":\"index\"}"}, {"console.js", "{\"file\":\"script\"}"}};
    char path[TEMPDIR_FILE_SIZE];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_int_equal(file_replace(tempdir_file(dir, files[i].name, path), 0644,
                                      bytes_text(files[i].text), NULL),
                         0);
    assert_int_equal(http_pages_load(dir->path, &calls.site.platform.console, NULL), 0);
}

static void a_platform_without_a_console_says_so(void **state)
{
    CLEANUP(answer_done) struct answer answer = ask("GET /console/", NULL, NULL);

    (void)state;
    assert_int_equal(answer.status, 404);
    assert_string_equal(text_of(&answer, "detail"), "this platform has no console");
}

static void whatever_is_not_a_file_of_it_is_absent(void **state)
{
    static const char *const lines[] = {
        "GET /console",
        "GET /console//",
        "GET /console/none.js",
        "GET /console/%2e%2e",
        "GET /console/..%2fplatform.db",
        "GET /console/%2fetc%2fpasswd",
        "GET /console/console.js%00",
        "GET /console/sub/console.js",
        "GET /console/../v1/tenant",
    };
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();

    (void)state;
    open_console(&dir);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        CLEANUP(answer_done) struct answer answer = ask(lines[i], NULL, NULL);

        assert_in_range(answer.status, 400, 404);
    }
    assert_status("POST /console/", NULL, NULL, 405);
    assert_status("DELETE /console/console.js", NULL, NULL, 405);
}

static void its_files_are_for_everybody(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();

    (void)state;
    open_console(&dir);
    CLEANUP(answer_done) struct answer page = ask("GET /console/", NULL, NULL);
    CLEANUP(answer_done) struct answer script = ask("GET /console/console.js", NULL, NULL);
    const char *head;

    assert_int_equal(page.status, 200);
    assert_string_equal(text_of(&page, "file"), "index");
    assert_int_equal(script.status, 200);
    assert_string_equal(text_of(&script, "file"), "script");
    assert_int_equal(buf_text(&page.text, &head, NULL), 0);
    assert_non_null(strstr(head, "\r\nContent-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(head, "\r\nContent-Security-Policy: default-src 'none'; "));
    assert_non_null(strstr(head, "\r\nCache-Control: no-cache\r\n"));
    assert_null(strstr(head, "no-store"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(a_platform_without_a_console_says_so),
        WITH_PLATFORM(whatever_is_not_a_file_of_it_is_absent),
        WITH_PLATFORM(its_files_are_for_everybody),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
