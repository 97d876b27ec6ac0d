/* SPDX-License-Identifier: Apache-2.0 */
/* A real server of the test site and a client that may say anything, also half of it. */
#pragma once

#include "http/server.h"
#include "support/httpsite.h"
#include "support/tempdir.h"

#include <sys/types.h>

#define HTTP_GET_OF(path)  "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HTTP_POST_OF(path) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

struct httpserver {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct http_server *server;
    uid_t uid; /* the listed peer: ours */
};

/* On a Unix socket; without routes the test site's, without a list of peers this user. */
struct httpserver *httpserver_start(struct http_server_options options);
/* Fails the test if an answer had a status that its row does not have. */
void httpserver_done(struct httpserver **server); /* CLEANUP(httpserver_done) */

/* A connection whose reads and writes give up after a minute. */
int httpclient_dial(const struct httpserver *server);
/* Send what the peer still takes. */
void httpclient_say(int fd, const char *text);

struct httpanswer {
    int status;     /* 0: the connection ended without one */
    size_t len;     /* of text */
    size_t missing; /* bytes of the announced body that did not come */
    char text[8192];
};

/* One response: its header, then as many bytes as it announces, of which the first are kept. */
struct httpanswer httpclient_hear(int fd);
/* Whether the peer closes, in time, and nothing comes before. */
bool httpclient_is_closed(int fd);
/* All of that on a connection of its own; 100 Continue is passed over. */
struct httpanswer httpclient_ask(const struct httpserver *server, const char *request);

/* How many descriptors this process has. */
size_t httpclient_descriptors(void);
