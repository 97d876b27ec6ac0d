/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a folder, and that nothing else is ever answered with. */
#include "http/pages.h"

#include "base/file.h"
#include "http/range.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void put(const struct tempdir *dir, const char *name, struct bytes text)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0644, text, NULL), 0);
}

static struct tempdir folder_with_index(void)
{
    struct tempdir dir = tempdir_make();

    put(&dir, "index.html", BYTES_LITERAL("<!doctype html>"));
    return dir;
}

static int load(const struct tempdir *dir, struct err *err)
{
    struct http_pages *pages = NULL;
    int rc = http_pages_load(dir->path, &pages, err);

    assert_true((rc == 0) == (pages != NULL));
    http_pages_free(pages);
    return rc;
}

static void assert_refused(const struct tempdir *dir, const char *words)
{
    struct err err = {0};

    assert_int_equal(load(dir, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, words));
}

static void without_a_folder_or_an_index_there_is_nothing_to_serve(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    struct http_pages *pages = NULL;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_refused(&dir, "index.html");
    assert_int_equal(http_pages_load(tempdir_file(&dir, "none", path), &pages, NULL), -ERR_INPUT);
    put(&dir, "a.js", BYTES_LITERAL("1"));
    assert_refused(&dir, "index.html");
    assert_int_equal(http_pages_load(tempdir_file(&dir, "a.js", path), &pages, NULL), -ERR_INPUT);
    assert_null(pages);
}

static void what_is_no_file_of_a_page_is_refused_by_its_name(void **state)
{
    static const char *const names[] = {"a.php", "a", "a.js~", "a b.js", "a.html.bak", "\xe3.js"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(tempdir_done) struct tempdir dir = folder_with_index();

        put(&dir, names[i], BYTES_LITERAL("x"));
        assert_refused(&dir, names[i]);
    }
}

/* A link could lead to any file that the daemon may read. */
static void a_link_and_a_pipe_are_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = folder_with_index();
    char link[TEMPDIR_FILE_SIZE];
    char pipe[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(symlink("/etc/passwd", tempdir_file(&dir, "x.txt", link)), 0);
    assert_refused(&dir, "x.txt");
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("index.html", link), 0);
    assert_refused(&dir, "x.txt");
    assert_int_equal(unlink(link), 0);
    assert_int_equal(mkfifo(tempdir_file(&dir, "y.txt", pipe), 0644), 0);
    assert_refused(&dir, "y.txt");
    assert_int_equal(unlink(pipe), 0);
    assert_int_equal(load(&dir, NULL), 0);
}

static void as_many_files_as_the_limit_and_no_more(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = folder_with_index();
    char name[16];

    (void)state;
    for (int i = 1; i < HTTP_PAGES_MAX; i++) {
        (void)snprintf(name, sizeof name, "f%d.js", i);
        put(&dir, name, BYTES_LITERAL("1"));
    }
    assert_int_equal(load(&dir, NULL), 0);
    put(&dir, "more.js", BYTES_LITERAL("1"));
    assert_refused(&dir, "more than");
}

static void a_file_as_large_as_the_limit_and_no_larger(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = folder_with_index();
    static uint8_t large[HTTP_PAGE_BYTES_MAX + 1];

    (void)state;
    put(&dir, "a.js", bytes_of(large, HTTP_PAGE_BYTES_MAX));
    assert_int_equal(load(&dir, NULL), 0);
    put(&dir, "a.js", bytes_of(large, HTTP_PAGE_BYTES_MAX + 1));
    assert_refused(&dir, "a.js");
}

/* A folder as it should not be, but may: beside the page there is what nobody may read. */
struct served {
    struct tempdir dir;
    struct http_pages *pages;
};

static struct served serve(void)
{
    struct served served = {.dir = folder_with_index()};
    char path[TEMPDIR_FILE_SIZE];

    put(&served.dir, "page.js", BYTES_LITERAL("let page"));
    put(&served.dir, ".env.txt", BYTES_LITERAL("a secret"));
    assert_int_equal(mkdir(tempdir_file(&served.dir, "sub", path), 0755), 0);
    put(&served.dir, "sub/inner.txt", BYTES_LITERAL("a secret"));
    assert_int_equal(http_pages_load(served.dir.path, &served.pages, NULL), 0);
    return served;
}

static void served_done(struct served *served)
{
    http_pages_free(served->pages);
    tempdir_done(&served->dir);
}

static int reply(const struct served *served, const char *name, const struct http_field *fields,
                 size_t count, struct http_response *ret)
{
    const struct http_request request = {.headers = {fields, count}};

    *ret = (struct http_response){.status = 0};
    return http_pages_reply(served->pages, name, &request, ret, NULL);
}

static const char *field(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->field_count; i++) {
        if (strcmp(response->fields[i].name, name) == 0)
            return response->fields[i].value;
    }
    fail_msg("no field %s", name);
    return NULL;
}

static void other_names_are_absent_however_they_are_spelled(void **state)
{
    static const char *const names[] = {
        "",         ".",          "..",           "../index.html",  "./index.html", "/index.html",
        "page.js/", "PAGE.JS",    "page.js\n",    ".env.txt",       "sub",          "sub/inner.txt",
        "page",     "page.js%00", "..%2fpage.js", "sub\\inner.txt", "/etc/passwd",  "page.js.",
    };
    CLEANUP(served_done) struct served served = serve();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct http_response response;

        assert_int_equal(reply(&served, names[i], NULL, 0, &response), -ERR_ABSENT);
        assert_int_equal(response.field_count, 0);
        http_response_done(&response);
    }
}

/* Read once: what becomes of the folder meanwhile is nothing to a request. */
static void what_comes_later_is_not_served(void **state)
{
    CLEANUP(served_done) struct served served = serve();
    struct http_response response;

    (void)state;
    put(&served.dir, "later.js", BYTES_LITERAL("x"));
    put(&served.dir, "page.js", BYTES_LITERAL("another"));
    assert_int_equal(reply(&served, "later.js", NULL, 0, &response), -ERR_ABSENT);
    assert_int_equal(reply(&served, "page.js", NULL, 0, &response), 0);
    assert_true(bytes_equal(buf_bytes(&response.body), BYTES_LITERAL("let page")));
    http_response_done(&response);
}

static void a_file_is_sent_with_its_type_and_what_a_browser_may_do(void **state)
{
    CLEANUP(served_done) struct served served = serve();
    struct http_response response;
    const char *policy;

    (void)state;
    assert_int_equal(reply(&served, "page.js", NULL, 0, &response), 0);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.type, "text/javascript; charset=utf-8");
    assert_true(bytes_equal(buf_bytes(&response.body), BYTES_LITERAL("let page")));
    assert_string_equal(field(&response, "Cache-Control"), "no-cache");
    assert_string_equal(field(&response, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(field(&response, "Referrer-Policy"), "no-referrer");
    policy = field(&response, "Content-Security-Policy");
    assert_non_null(strstr(policy, "default-src 'none'"));
    assert_non_null(strstr(policy, "frame-ancestors 'none'"));
    assert_null(strstr(policy, "unsafe"));
    http_response_done(&response);
}

static void who_has_it_already_is_told_so(void **state)
{
    CLEANUP(served_done) struct served served = serve();
    struct http_field known = {"If-None-Match", "\"other\""};
    struct http_response first;
    struct http_response again;

    (void)state;
    assert_int_equal(reply(&served, "page.js", &known, 1, &first), 0);
    assert_int_equal(first.status, 200);
    known.value = field(&first, "ETag");
    assert_int_equal(reply(&served, "page.js", &known, 1, &again), 0);
    assert_int_equal(again.status, 304);
    assert_int_equal(again.body.len, 0);
    assert_non_null(field(&again, "Content-Security-Policy"));
    assert_int_equal(reply(&served, "index.html", &known, 1, &again), 0);
    assert_int_equal(again.status, 200);
    http_response_done(&first);
    http_response_done(&again);
}

static void a_part_has_all_fields_as_well(void **state)
{
    CLEANUP(served_done) struct served served = serve();
    const struct http_field part = {"Range", "bytes=4-"};
    struct http_response response;

    (void)state;
    assert_int_equal(reply(&served, "page.js", &part, 1, &response), 0);
    assert_int_equal(response.status, 206);
    assert_true(bytes_equal(buf_bytes(&response.body), BYTES_LITERAL("page")));
    assert_non_null(field(&response, "Content-Security-Policy"));
    http_response_done(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_folder_or_an_index_there_is_nothing_to_serve),
        cmocka_unit_test(what_is_no_file_of_a_page_is_refused_by_its_name),
        cmocka_unit_test(a_link_and_a_pipe_are_refused),
        cmocka_unit_test(as_many_files_as_the_limit_and_no_more),
        cmocka_unit_test(a_file_as_large_as_the_limit_and_no_larger),
        cmocka_unit_test(other_names_are_absent_however_they_are_spelled),
        cmocka_unit_test(what_comes_later_is_not_served),
        cmocka_unit_test(a_file_is_sent_with_its_type_and_what_a_browser_may_do),
        cmocka_unit_test(who_has_it_already_is_told_so),
        cmocka_unit_test(a_part_has_all_fields_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
