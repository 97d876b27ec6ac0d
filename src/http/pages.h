/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of an application that runs in a browser: one flat folder, read into memory as a
 * whole. What a request names is looked for among what was read, so that no name, however it is
 * spelled, reaches the disk. Immutable, so any thread may use it.
 */
#pragma once

#include "http/route.h"

struct http_pages;

/*
 * Read a folder. Files whose names begin with a dot, and folders, are left out. ERR_INPUT if there
 * is no such folder or no index.html in it, and, naming the file, for one that is no regular file
 * (a link, too), has an ending without a media type here, or a name of other characters than
 * letters, digits, dot, hyphen and underscore; and past HTTP_PAGES_MAX or HTTP_PAGE_BYTES_MAX.
 */
MUST_CHECK int http_pages_load(const char *folder, struct http_pages **ret, struct err *err);
void http_pages_free(struct http_pages *pages); /* accepts NULL */
void http_pages_freep(struct http_pages **pages);

/*
 * Let the pages ask one more origin, which is not copied: that of jpki agent on the computer where
 * they are shown.
 */
void http_pages_let_ask(struct http_pages *pages, const char *origin);

/*
 * Answer with a file as http_reply_file does, to be asked for again each time it is used, and with
 * what a browser may do with it: load and ask nothing but this server, run no script and apply no
 * style that is not a file, make no markup out of texts, be in nobody's frame. ERR_ABSENT if there
 * is none of that name.
 */
MUST_CHECK int http_pages_reply(const struct http_pages *pages, const char *name,
                                const struct http_request *request, struct http_response *response,
                                struct err *err);

/*
 * For the two rows that an application has: its first page, and a file of it, by the parameter
 * "file". Without pages (NULL) the first row answers with a text that says so; without that as
 * well, and in the second row, ERR_ABSENT, in the words of what.
 */
struct http_application {
    const struct http_pages *pages;
    const char *without; /* NULL: none */
    const char *what;    /* "this portal has no pages" */
};
MUST_CHECK int http_pages_first(struct http_call *call, const struct http_application *application,
                                struct err *err);
MUST_CHECK int http_pages_file(struct http_call *call, const struct http_application *application,
                               struct err *err);
extern const struct http_answer http_pages_answers[];
