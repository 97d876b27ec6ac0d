/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client against a server that cuts, lies, stalls and never ends
 * (tests/support/badserver.py): a clear failure in time, and nothing kept of a bad answer.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "fetch/fetch.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* What fails for another reason does so long before the first. */
enum { PATIENCE_MS = 60000, SHORT_MS = 400 };

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static pid_t child;
static int child_input = -1;

static int start(void **state)
{
    const struct timespec pause = {0, 20000000};
    int ends[2];

    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "bad.sock", path);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        (void)close(ends[1]);
        (void)execlp("python3", "python3", getenv("JPKI_TEST_BADSERVER"), path, NULL);
        _exit(127);
    }
    (void)close(ends[0]);
    child_input = ends[1];
    for (int i = 0; i < PATIENCE_MS / 20 && access(path, F_OK) < 0; i++)
        (void)nanosleep(&pause, NULL);
    return access(path, F_OK);
}

static int stop(void **state)
{
    (void)state;
    fd_done(&child_input);
    assert_int_equal(waitpid(child, NULL, 0), child);
    tempdir_done(&dir);
    return 0;
}

static struct fetch_request request_of(const char *url)
{
    return (struct fetch_request){.socket = path, .url = url, .timeout_ms = PATIENCE_MS};
}

/* Fails as said, soon, and leaves the response alone. */
static void assert_fails(struct fetch_request request, enum err_kind kind, const char *part)
{
    struct fetch_response response = FETCH_RESPONSE_INIT;
    struct err err = {0};
    int64_t begun = monotonic_ms();
    int rc = fetch(&request, &response, &err);

    if (rc != -(int)kind || strstr(err.text, part) == NULL)
        fail_msg("%s: %d, %s", request.url, rc, err.text);
    assert_true(monotonic_ms() - begun < PATIENCE_MS);
    assert_int_equal(response.status, 0);
    assert_null(response.body.ptr);
    assert_null(response.json);
}

static void a_cut_is_told(void **state)
{
    (void)state;
    assert_fails(request_of("/nothing"), ERR_REMOTE, "the connection was cut");
    assert_fails(request_of("/cut-body"), ERR_REMOTE, "the connection was cut");
    assert_fails(request_of("/cut-chunk"), ERR_REMOTE, "the connection was cut");
    assert_fails(request_of("/cut-head"), ERR_REMOTE, "");
}

static void nonsense_is_told(void **state)
{
    (void)state;
    assert_fails(request_of("/garbage"), ERR_REMOTE, "");
    assert_fails(request_of("/no-json"), ERR_REMOTE, "not JSON");
    assert_fails(request_of("/length/-1"), ERR_REMOTE, "");
    assert_fails(request_of("/length/x"), ERR_REMOTE, "");
}

static void what_never_ends_is_cut_off(void **state)
{
    struct fetch_request request = request_of("/endless");

    (void)state;
    assert_fails(request, ERR_REMOTE, "the answer is too large");
    request.url = "/endless-head";
    assert_fails(request, ERR_REMOTE, "");
    request.url = "/endless-continue";
    assert_fails(request, ERR_REMOTE, "");
    /* Announced as too large: not even begun. */
    assert_fails(request_of("/length/1048577"), ERR_REMOTE, "too large, 1048576 bytes");
    assert_int_equal(FETCH_BODY_DEFAULT, 1048576);
}

static void what_stalls_is_given_up(void **state)
{
    struct fetch_request request = request_of("/slow");

    (void)state;
    request.timeout_ms = SHORT_MS;
    assert_fails(request, ERR_REMOTE, "");
    request.url = "/slow-body";
    assert_fails(request, ERR_REMOTE, "no answer within 400 ms");
}

static void redirects_are_not_followed(void **state)
{
    (void)state;
    assert_fails(request_of("/elsewhere"), ERR_REMOTE, "status 302");
}

static void each_status_has_its_kind(void **state)
{
    static const struct {
        const char *url;
        enum err_kind kind;
    } rows[] = {
        {"/status/300", ERR_REMOTE}, {"/status/400", ERR_INPUT},    {"/status/401", ERR_DENIED},
        {"/status/403", ERR_DENIED}, {"/status/404", ERR_ABSENT},   {"/status/405", ERR_INPUT},
        {"/status/408", ERR_REMOTE}, {"/status/409", ERR_CONFLICT}, {"/status/410", ERR_ABSENT},
        {"/status/422", ERR_INPUT},  {"/status/429", ERR_REMOTE},   {"/status/500", ERR_REMOTE},
        {"/status/599", ERR_REMOTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(request_of(rows[i].url), rows[i].kind, "the server answered with status");
}

static void a_sentence_of_two_lines_is_not_repeated(void **state)
{
    (void)state;
    assert_fails(request_of("/angry"), ERR_CONFLICT, "the server answered with status 409");
}

static void nobody_listening_is_told(void **state)
{
    struct fetch_request request = request_of("/fine");
    char nowhere[TEMPDIR_FILE_SIZE];

    (void)state;
    request.socket = tempdir_file(&dir, "nowhere", nowhere);
    assert_fails(request, ERR_REMOTE, "nobody is listening");
}

/* ---- tries ---- */

/* Less than what "later" asks for, and far more than tries take. */
enum { AGAIN_MS = 50000 };

static int fetch_again(const char *url, unsigned retries, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = request_of(url);

    request.retries = retries;
    request.timeout_ms = AGAIN_MS;
    return fetch(&request, &response, err);
}

static void it_is_tried_as_often_as_asked(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(fetch_again("/fails/503/1/a", 0, &err), -ERR_REMOTE);
    assert_int_equal(fetch_again("/fails/503/2/b", 1, &err), -ERR_REMOTE);
    assert_int_equal(fetch_again("/fails/503/2/c", 2, &err), 0);
    assert_int_equal(fetch_again("/fails/cut/2/d", 2, &err), 0);
    assert_int_equal(fetch_again("/fails/503/5/e", FETCH_RETRIES_MAX, &err), 0);
    assert_int_equal(fetch_again("/fails/503/6/f", FETCH_RETRIES_MAX, &err), -ERR_REMOTE);
}

static void a_peer_that_asks_for_more_time_than_there_is_gets_none(void **state)
{
    struct err err = {0};
    int64_t begun = monotonic_ms();

    (void)state;
    assert_int_equal(fetch_again("/fails/later/1/a", 2, &err), -ERR_REMOTE);
    assert_int_equal(err.detail, 503);
    assert_true(monotonic_ms() - begun < AGAIN_MS);
}

static void tries_are_apart(void **state)
{
    struct err err = {0};
    int64_t begun = monotonic_ms();

    (void)state;
    assert_int_equal(fetch_again("/fails/503/2/g", 2, &err), 0);
    /* The first pause and twice that. */
    assert_true(monotonic_ms() - begun >= 3 * FETCH_RETRY_FIRST_MS);
    assert_true(monotonic_ms() - begun < AGAIN_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_is_told),
        cmocka_unit_test(nonsense_is_told),
        cmocka_unit_test(what_never_ends_is_cut_off),
        cmocka_unit_test(what_stalls_is_given_up),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(each_status_has_its_kind),
        cmocka_unit_test(a_sentence_of_two_lines_is_not_repeated),
        cmocka_unit_test(nobody_listening_is_told),
        cmocka_unit_test(it_is_tried_as_often_as_asked),
        cmocka_unit_test(a_peer_that_asks_for_more_time_than_there_is_gets_none),
        cmocka_unit_test(tries_are_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
