/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server as its peers meet it: real sockets, real threads, and every way of talking badly.
 * After each crowd of bad peers the server still answers and holds no descriptor of theirs.
 */
#include "base/clock.h"
#include "base/file.h"
#include "http/engine.h"
#include "support/httpsite.h"
#include "support/tempdir.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define GET(path)  "GET " path " HTTP/1.1\r\nHost: test\r\n\r\n"
#define JSON(path) "POST " path " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct http_server *server;
    uid_t uid;
};

static struct fixture *fixture_start(struct http_server_options options)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct err err = {0};
    int fd;

    assert_non_null(fixture);
    fixture->dir = tempdir_make();
    fixture->uid = getuid();
    (void)tempdir_file(&fixture->dir, "http.sock", fixture->path);
    options.routes = httpsite_routes;
    options.uids = &fixture->uid;
    options.uid_count = 1;
    assert_int_equal(sock_listen(fixture->path, 0600, &fd, &err), 0);
    if (http_server_start(&options, fd, &fixture->server, &err) < 0)
        fail_msg("%s", err.text);
    return fixture;
}

static void fixture_done(struct fixture **held)
{
    struct fixture *fixture = *held;

    http_server_stop(fixture->server);
    tempdir_done(&fixture->dir);
    free(fixture);
}

static int dial(const struct fixture *fixture)
{
    struct err err = {0};
    int fd = -1;

    if (sock_connect(fixture->path, &fd, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(sock_timeout(fd, 10000, NULL), 0);
    return fd;
}

/* Sends what the peer still takes. */
static void say(int fd, const char *text)
{
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

struct answer {
    int status; /* 0: the connection ended without one */
    char text[8192];
    size_t len;
};

/* Read one response: header, then as many bytes as it announces. */
static struct answer hear(int fd)
{
    struct answer answer = {0};
    const char *body = NULL;
    size_t want = sizeof answer.text - 1;

    while (answer.len < want) {
        ssize_t got = recv(fd, answer.text + answer.len, want - answer.len, 0);

        if (got <= 0)
            break;
        answer.len += (size_t)got;
        body = strstr(answer.text, "\r\n\r\n");
        if (body != NULL && strncmp(answer.text, "HTTP/1.1 100", 12) != 0) {
            const char *length = strcasestr(answer.text, "\r\nContent-Length: ");
            size_t end = (size_t)(body - answer.text) + 4;

            want = end + (length == NULL ? 0 : strtoul(length + 18, NULL, 10));
        } else if (body != NULL) {
            break;
        }
    }
    if (strncmp(answer.text, "HTTP/1.1 ", 9) == 0)
        answer.status = atoi(answer.text + 9);
    return answer;
}

static struct answer ask(const struct fixture *fixture, const char *request)
{
    CLEANUP(fd_done) int fd = dial(fixture);

    say(fd, request);
    return hear(fd);
}

static void a_request_is_answered(void **state)
{
    CLEANUP(fixture_done) struct fixture *fixture = fixture_start((struct http_server_options){0});
    struct answer answer = ask(fixture, GET("/v1/things/7"));

    (void)state;
    assert_int_equal(answer.status, 200);
    answer = ask(fixture, JSON("/v1/things") "Content-Length: 12\r\n\r\n{\"name\":\"a\"}");
    assert_int_equal(answer.status, 201);
    assert_non_null(strstr(answer.text, "\r\nLocation: /v1/things/new\r\n"));
    assert_int_equal(ask(fixture, GET("/livez")).status, 200);
    assert_int_equal(ask(fixture, GET("/readyz")).status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
