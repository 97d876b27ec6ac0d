/* SPDX-License-Identifier: Apache-2.0 */
/* Options: what is refused, what is filled in, and the health routes every site has. */
#include "base/daemon.h"
#include "http/engine.h"
#include "support/httpsite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int init(struct http_server_options options, struct http_site *ret)
{
    options.routes = httpsite_routes;
    return http_site_init(ret, &options, NULL);
}

static void options_past_their_limits_are_refused(void **state)
{
    struct http_site site;

    (void)state;
    assert_int_equal(init((struct http_server_options){.workers = HTTP_WORKERS_MAX}, &site), 0);
    assert_int_equal(init((struct http_server_options){.workers = HTTP_WORKERS_MAX + 1}, &site),
                     -ERR_USAGE);
    assert_int_equal(init((struct http_server_options){.queue = HTTP_QUEUE_MAX}, &site), 0);
    assert_int_equal(init((struct http_server_options){.queue = HTTP_QUEUE_MAX + 1}, &site),
                     -ERR_USAGE);
    assert_int_equal(init((struct http_server_options){.connections = HTTP_CONNECTIONS_MAX}, &site),
                     0);
    assert_int_equal(
        init((struct http_server_options){.connections = HTTP_CONNECTIONS_MAX + 1}, &site),
        -ERR_USAGE);
    assert_int_equal(init((struct http_server_options){.head_ms = -1}, &site), -ERR_USAGE);
    assert_int_equal(init((struct http_server_options){.work_ms = -1}, &site), -ERR_USAGE);
}

static void what_is_left_out_has_its_default(void **state)
{
    struct http_site site;

    (void)state;
    assert_int_equal(init((struct http_server_options){.body_ms = 7}, &site), 0);
    assert_int_equal(site.options.workers, HTTP_WORKERS_DEFAULT);
    assert_int_equal(site.options.queue, HTTP_QUEUE_DEFAULT);
    assert_int_equal(site.options.connections, HTTP_CONNECTIONS_DEFAULT);
    assert_int_equal(site.options.head_ms, HTTP_HEAD_MS);
    assert_int_equal(site.options.body_ms, 7);
    assert_int_equal(init((struct http_server_options){.head_ms = 7}, &site), 0);
    assert_int_equal(site.options.body_ms, HTTP_BODY_MS);
    assert_int_equal(site.options.work_ms, HTTP_WORK_MS);
    assert_int_equal(site.options.write_ms, HTTP_WRITE_MS);
}

static void a_route_of_health_cannot_be_taken(void **state)
{
    static const struct route table[] = {
        {.method = HTTP_GET,
         .path = "/livez",
         .access = &http_anyone,
         .handle = NULL,
         .is_inline = true},
        {.path = NULL},
    };
    const struct http_server_options options = {.routes = table};
    struct http_site site;

    (void)state;
    assert_int_equal(http_site_init(&site, &options, NULL), -ERR_USAGE);
}

static void several_tables_are_one_site(void **state)
{
    const struct route first[] = {httpsite_routes[1], {.path = NULL}};
    const struct route second[] = {httpsite_routes[2], {.path = NULL}};
    const struct route *const both[] = {first, second, NULL};
    const struct route *const twice[] = {first, second, first, NULL};
    struct http_server_options options = {.tables = both};
    struct http_site site;
    size_t health;

    (void)state;
    assert_int_equal(http_site_init(&site, &(struct http_server_options){.tables = NULL}, NULL), 0);
    health = site.router.count;
    assert_int_equal(http_site_init(&site, &options, NULL), 0);
    assert_int_equal(site.router.count, health + 2);
    options.tables = twice;
    assert_int_equal(http_site_init(&site, &options, NULL), -ERR_USAGE);
}

static struct turns *turns;
static unsigned first = 1, second = 2, at_release;

static void note_release(void *value)
{
    at_release = *(const unsigned *)value;
}

/* Another value's turn begins while this request is at work. */
static int get_context(struct http_call *call, struct err *err)
{
    const unsigned *before = call->context;
    char text[2] = {(char)('0' + *before), '\0'};

    TRY(turns_put(turns, &second, note_release, err));
    assert_ptr_equal(call->context, before);
    assert_int_equal(at_release, 0);
    http_reply_empty(&call->response, 204);
    return http_reply_field(&call->response, "X-Context", text, err);
}

static void assert_context(const struct http_server_options *options, const char *field)
{
    const struct http_peer peer = {.is_unix = true};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    assert_int_equal(http_loopback(options, &peer,
                                   BYTES_LITERAL("GET /v1/context HTTP/1.1\r\nHost: a\r\n\r\n"),
                                   &answer, NULL),
                     0);
    assert_non_null(memmem(answer.ptr, answer.len, field, strlen(field)));
}

static void a_request_keeps_the_context_that_it_began_with(void **state)
{
    static const struct http_answer answers[] = {{204, "done"}, {0}};
    static const struct route routes[] = {{.method = HTTP_GET,
                                           .path = "/v1/context",
                                           .access = &http_anyone,
                                           .handle = get_context,
                                           .operation = "getContext",
                                           .summary = "Tell the context",
                                           .answers = answers},
                                          {.path = NULL}};
    struct http_server_options options = {.routes = routes, .context = &first};

    (void)state;
    assert_int_equal(turns_new(&first, &turns, NULL), 0);
    options.turns = turns;
    assert_context(&options, "X-Context: 1");
    assert_context(&options, "X-Context: 2");
    assert_int_equal(at_release, 2);
    turns_freep(&turns);
}

static enum err_kind readiness;
static const char *warning;

static int warn(struct http_call *call, struct json *words, struct err *err)
{
    (void)call;
    return warning == NULL ? 0 : json_add_text(words, warning, err);
}

static int ready(struct http_call *call, struct err *err)
{
    (void)call;
    return readiness == ERR_NONE ? 0 : FAIL(err, readiness, "the database is away");
}

static void assert_health(const char *path, const char *status, const char *part)
{
    const struct http_server_options options = {
        .routes = httpsite_routes, .ready = ready, .warn = warn};
    const struct http_peer peer = {.is_unix = true};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    assert_int_equal(buf_append_format(&request, NULL, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path),
                     0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer, NULL), 0);
    assert_memory_equal(answer.ptr + 9, status, 3);
    assert_non_null(memmem(answer.ptr, answer.len, part, strlen(part)));
}

static void readiness_asks_and_liveness_does_not(void **state)
{
    (void)state;
    readiness = ERR_ABSENT;
    assert_health("/livez", "200", "{\"status\":\"live\"}");
    assert_health("/readyz", "503", "the database is away");
    readiness = ERR_SYSTEM;
    assert_health("/readyz", "500", "internal error");
    readiness = ERR_NONE;
    assert_health("/readyz", "200", "{\"status\":\"ready\"}");
}

static void readiness_tells_the_last_reload_and_warnings(void **state)
{
    (void)state;
    readiness = ERR_NONE;
    daemon_count_reload(true, 1700000000);
    assert_health("/readyz", "200",
                  "{\"status\":\"ready\",\"reloaded_at\":1700000000,"
                  "\"reload_refused\":false}");
    daemon_count_reload(false, 1700000001);
    warning = "certificate_ends_soon";
    assert_health("/readyz", "200",
                  "\"reloaded_at\":1700000001,\"reload_refused\":true,"
                  "\"warnings\":[\"certificate_ends_soon\"]}");
    warning = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_past_their_limits_are_refused),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(a_route_of_health_cannot_be_taken),
        cmocka_unit_test(several_tables_are_one_site),
        cmocka_unit_test(readiness_asks_and_liveness_does_not),
        cmocka_unit_test(readiness_tells_the_last_reload_and_warnings),
        cmocka_unit_test(a_request_keeps_the_context_that_it_began_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
