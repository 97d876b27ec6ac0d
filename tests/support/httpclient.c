/* SPDX-License-Identifier: Apache-2.0 */
#include "support/httpclient.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENT_PATIENCE_MS = 60000 };

/* A status that its row does not have: which one. Any worker may set it; read when all have ended.
 */
static _Atomic unsigned undeclared;

static void observe(void *context, const struct http_event *event)
{
    (void)context;
    if (event->is_undeclared)
        undeclared = event->status;
}

struct httpserver *httpserver_start(struct http_server_options options)
{
    struct httpserver *server = calloc(1, sizeof *server);
    struct err err = {0};
    int fd;

    assert_non_null(server);
    server->dir = tempdir_make();
    server->uid = getuid();
    (void)tempdir_file(&server->dir, "http.sock", server->path);
    if (options.routes == NULL)
        options.routes = httpsite_routes;
    if (options.uids == NULL) {
        options.uids = &server->uid;
        options.uid_count = 1;
    }
    if (options.observe == NULL)
        options.observe = observe;
    if (sock_listen(server->path, 0600, &fd, &err) < 0 ||
        http_server_start(&options, fd, &server->server, &err) < 0)
        fail_msg("%s", err.text);
    return server;
}

void httpserver_done(struct httpserver **server)
{
    http_server_stop((*server)->server);
    if (undeclared != 0)
        fail_msg("a row does not have the status %u that it was answered with", undeclared);
    tempdir_done(&(*server)->dir);
    free(*server);
}

int httpclient_dial(const struct httpserver *server)
{
    struct err err = {0};
    int fd = -1;

    if (sock_connect(server->path, &fd, &err) < 0 || sock_timeout(fd, CLIENT_PATIENCE_MS, &err) < 0)
        fail_msg("%s", err.text);
    return fd;
}

void httpclient_say(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t put = send(fd, text, len, MSG_NOSIGNAL);

        if (put <= 0)
            return;
        text += put;
        len -= (size_t)put;
    }
}

/* Up to the empty line, byte by byte: what follows belongs to the body or the next response. */
static void hear_head(int fd, struct httpanswer *answer)
{
    while (answer->len < sizeof answer->text - 1 &&
           recv(fd, answer->text + answer->len, 1, 0) == 1) {
        answer->len++;
        if (answer->len >= 4 && memcmp(answer->text + answer->len - 4, "\r\n\r\n", 4) == 0)
            return;
    }
}

struct httpanswer httpclient_hear(int fd)
{
    struct httpanswer answer = {0};
    const char *length;
    char rest[4096];

    hear_head(fd, &answer);
    if (strncmp(answer.text, "HTTP/1.1 ", 9) != 0 && strncmp(answer.text, "HTTP/1.0 ", 9) != 0)
        return answer;
    answer.status = (int)strtol(answer.text + 9, NULL, 10);
    length = strcasestr(answer.text, "\r\nContent-Length: ");
    answer.missing = length == NULL ? 0 : strtoul(length + 18, NULL, 10);
    while (answer.missing > 0) {
        size_t want = answer.missing < sizeof rest ? answer.missing : sizeof rest;
        ssize_t got = recv(fd, rest, want, 0);

        if (got <= 0)
            return answer;
        answer.missing -= (size_t)got;
        for (ssize_t i = 0; i < got && answer.len < sizeof answer.text - 1; i++)
            answer.text[answer.len++] = rest[i];
    }
    return answer;
}

bool httpclient_is_closed(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, 0);

    return got == 0 || (got < 0 && errno != EAGAIN);
}

struct httpanswer httpclient_ask(const struct httpserver *server, const char *request)
{
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    struct httpanswer answer;

    httpclient_say(fd, request);
    answer = httpclient_hear(fd);
    return answer.status == 100 ? httpclient_hear(fd) : answer;
}

size_t httpclient_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}
