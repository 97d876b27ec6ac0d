/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What any small provider needs, in one thread: texts and JSON that are released behind each visit,
 * HTTP to others by libcurl, and visits of browsers on 127.0.0.1 by libmicrohttpd.
 */
#pragma once

#include <jansson.h>

/* Released when the next visit begins; what is out of memory ends the program. */
char *keep(char *text);
json_t *keep_json(json_t *value);
__attribute__((format(printf, 1, 2))) char *format(const char *how, ...);

/* The first line of a file, "" if there is none. */
const char *read_line(const char *path);

/* A member of an object, "" if it is none. */
const char *text(const json_t *object, const char *name);
/* NAME=VALUE&... of pairs that end with NULL, each value escaped. */
char *form(const char *name, ...);

#define FORM "Content-Type: application/x-www-form-urlencoded"
#define JSON "Content-Type: application/json"
/*
 * The JSON that somebody answers; NULL unless the status is the one expected. authorization is a
 * whole field, or NULL; type and body NULL: GET. Redirects are not followed.
 */
json_t *ask(long status, const char *url, const char *authorization, const char *type,
            const char *body);
/* The same with an object that is sent, and released. */
json_t *tell(long status, const char *url, const char *authorization, json_t *body);
/* A request without body and answer. */
void ask_delete(const char *url, const char *authorization);

/* What the cookie of a session is called: servers on one computer share cookies, whatever the port.
 */
extern const char *session_cookie;

/* What a browser asks, and what it is answered. */
struct visit {
    void *inside;
    const char *method, *path, *body;
    const char *session;          /* its cookie, or "" */
    const char *new_session;      /* to be set, or NULL */
    const char *location;         /* with 303 */
    const char *link, *link_text; /* below what is shown, or NULL */
    unsigned status;
    char *page;
};

/* A value of the query, or a field of the head; "" if there is none. */
const char *query(const struct visit *visit, const char *name);
const char *field(const struct visit *visit, const char *name);
/* Answer with a page on which heading and said are text and no markup. */
void show(struct visit *visit, unsigned status, const char *heading, const char *said);

/* Serve until the process is ended; comes back only if that cannot begin. */
void serve(int port, void (*handle)(struct visit *));
