/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against our own server: what each answer becomes, and what is tried again. */
#include "base/clock.h"
#include "base/file.h"
#include "fetch/fetch.h"
#include "support/httpsite.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct http_server *server;
};

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct http_server_options options = {.routes = httpsite_routes, .head_ms = 2000};
    struct err err = {0};
    int fd;

    assert_non_null(fixture);
    fixture->dir = tempdir_make();
    (void)tempdir_file(&fixture->dir, "http.sock", fixture->path);
    assert_int_equal(sock_listen(fixture->path, 0600, &fd, &err), 0);
    assert_int_equal(http_server_start(&options, fd, &fixture->server, &err), 0);
    *state = fixture;
    return 0;
}

static int stop(void **state)
{
    struct fixture *fixture = *state;

    http_server_stop(fixture->server);
    tempdir_done(&fixture->dir);
    free(fixture);
    return 0;
}

static void refused(const struct fixture *fixture, const char *kind, enum err_kind expected,
                    unsigned status, const char *sentence)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_request request = {.socket = fixture->path, .body = body};
    struct fetch_response response = FETCH_RESPONSE_INIT;
    struct err err = {0};

    assert_int_equal(buf_append_format(&url, &err, "/v1/failures/%s", kind), 0);
    assert_int_equal(buf_text(&url, &request.url, &err), 0);
    assert_int_equal(fetch(&request, &response, &err), -(int)expected);
    assert_int_equal(err.detail, status);
    assert_string_equal(err.text, sentence);
    assert_int_equal(response.status, 0);
    assert_null(response.json);
}

static void a_failure_keeps_its_kind_and_sentence(void **state)
{
    static const char sentence[] = "the sentence of the failure";

    refused(*state, "input", ERR_INPUT, 400, sentence);
    refused(*state, "denied", ERR_DENIED, 403, sentence);
    refused(*state, "absent", ERR_ABSENT, 404, sentence);
    refused(*state, "conflict", ERR_CONFLICT, 409, sentence);
    refused(*state, "untrusted", ERR_UNTRUSTED, 422, sentence);
    refused(*state, "remote", ERR_REMOTE, 503, sentence);
}

static void a_failure_of_the_server_keeps_its_secrets(void **state)
{
    refused(*state, "system", ERR_REMOTE, 500, "internal error");
    refused(*state, "usage", ERR_REMOTE, 500, "internal error");
    refused(*state, "nomem", ERR_REMOTE, 503, "not available now, try later");
}

static int get(const struct fixture *fixture, const char *url, struct fetch_request request,
               struct fetch_response *ret, struct err *err)
{
    request.socket = fixture->path;
    request.url = url;
    return fetch(&request, ret, err);
}

static void an_answer_may_be_as_long_as_the_limit(void **state)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct err err = {0};

    assert_int_equal(
        get(*state, "/v1/bytes/101", (struct fetch_request){.limit = 100}, &response, &err),
        -ERR_REMOTE);
    assert_non_null(strstr(err.text, "the answer is too large, 100 bytes are allowed"));
    assert_int_equal(
        get(*state, "/v1/bytes/100", (struct fetch_request){.limit = 100}, &response, &err), 0);
    assert_int_equal(response.body.len, 100);
    assert_null(response.json);
}

static size_t size_of(int fd)
{
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    return (size_t)st.st_size;
}

/* A good answer does, and then has more room; what a failure says stays in memory. */
static void an_answer_may_go_into_a_file(void **state)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(fd_done) int fd = memfd_create("answer", MFD_CLOEXEC);
    struct fetch_request request = {.file = &fd, .limit = (size_t)FETCH_BODY_MAX + 1};
    struct err err = {0};

    assert_int_equal(write(fd, "before", 6), 6);
    assert_int_equal(get(*state, "/v1/files/67108865", request, &response, &err), 0);
    assert_int_equal(response.body.len, 0);
    assert_int_equal(size_of(fd), FETCH_BODY_MAX + 1);
    assert_int_equal(get(*state, "/v1/files/67108866", request, &response, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "the answer is too large"));
    request.limit = 10;
    assert_int_equal(get(*state, "/v1/absent", request, &response, &err), -ERR_ABSENT);
    assert_int_equal(size_of(fd), 0);
    request.limit = (size_t)FETCH_FILE_MAX + 1;
    assert_int_equal(get(*state, "/v1/files/1", request, &response, &err), -ERR_USAGE);
    request.limit = FETCH_FILE_MAX;
    assert_int_equal(get(*state, "/v1/files/1", request, &response, &err), 0);
    assert_int_equal(size_of(fd), 1);
}

static void a_file_that_cannot_be_written_is_said_so(void **state)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(fd_done) int fd = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct err err = {0};

    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
    assert_int_equal(
        get(*state, "/v1/files/7", (struct fetch_request){.file = &fd}, &response, &err),
        -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "cannot write"));
}

static void a_late_answer_is_given_up(void **state)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct err err = {0};
    int64_t begun = monotonic_ms();

    assert_int_equal(
        get(*state, "/v1/waits/6000", (struct fetch_request){.timeout_ms = 100}, &response, &err),
        -ERR_REMOTE);
    assert_non_null(strstr(err.text, "no answer within 100 ms"));
    assert_true(monotonic_ms() - begun < 5500);
}

static void a_body_and_a_trace_arrive(void **state)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct fetch_request request = {.body = body, .traceparent = NULL};
    struct err err = {0};
    const char *text;

    assert_int_equal(json_put_text(body, "name", "\xe5\xb1\xb1\xe7\x94\xb0", &err), 0);
    assert_int_equal(get(*state, "/v1/things", request, &response, &err), 0);
    assert_int_equal(response.status, 201);
    assert_int_equal(json_get_text(response.json, "name", &text, &err), 0);
    assert_string_equal(text, "\xe5\xb1\xb1\xe7\x94\xb0");
    fetch_response_done(&response);

    request = (struct fetch_request){
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    assert_int_equal(get(*state, "/v1/trace", request, &response, &err), 0);
    assert_int_equal(json_get_text(response.json, "trace_id", &text, &err), 0);
    assert_string_equal(text, "0af7651916cd43dd8448eb211c80319c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_keeps_its_kind_and_sentence),
        cmocka_unit_test(a_failure_of_the_server_keeps_its_secrets),
        cmocka_unit_test(an_answer_may_be_as_long_as_the_limit),
        cmocka_unit_test(an_answer_may_go_into_a_file),
        cmocka_unit_test(a_file_that_cannot_be_written_is_said_so),
        cmocka_unit_test(a_late_answer_is_given_up),
        cmocka_unit_test(a_body_and_a_trace_arrive),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
