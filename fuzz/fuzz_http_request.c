/* SPDX-License-Identifier: Apache-2.0 */
#include "http/engine.h"
#include "http/syntax.h"
#include "support/httpsite.h"

#include "base/utf8.h"

#include "fuzz.h"

#include <string.h>

enum { ROWS_MAX = 32 };

/* The test site without what takes long: sleeping and megabytes. */
static void make_table(struct route table[ROWS_MAX])
{
    size_t count = 0;

    for (const struct route *row = httpsite_routes; row->path != NULL; row++) {
        FUZZ_CHECK(count < ROWS_MAX - 1);
        if (strstr(row->path, "/waits/") == NULL && strstr(row->path, "/bytes/") == NULL)
            table[count++] = *row;
    }
    table[count].path = NULL;
}

static void check_target(struct bytes text)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct http_fields fields = {NULL, 0};
    struct bytes query = {NULL, 0};
    const char *path = NULL;

    FUZZ_CHECK(arena_new(&arena, NULL) == 0);
    if (http_query_decode(arena, text, &fields, NULL) == 0)
        FUZZ_CHECK(fields.count <= HTTP_QUERY_MAX);
    if (text.len > 0 && http_tail_decode(arena, text, 1, &path, &query, NULL) == 0)
        FUZZ_CHECK(utf8_is_valid(bytes_text(path + 1)));
    if (http_target_decode(arena, text, &path, &query, NULL) < 0)
        return;
    FUZZ_CHECK(path[0] == '/' && utf8_is_valid(bytes_text(path)));
    FUZZ_CHECK(strstr(path, "//") == NULL && strstr(path, "/./") == NULL);
    FUZZ_CHECK(strstr(path, "/../") == NULL && strpbrk(path, "\r\n\x7f") == NULL);
}

/* Only these may end in a 500: the routes that ask for it. */
static void observe(void *context, const struct http_event *event)
{
    (void)context;
    FUZZ_CHECK(event->status >= 200 && event->status <= 599);
    FUZZ_CHECK(event->status != 500 ||
               (event->route != NULL && (strcmp(event->route->path, "/v1/nothing") == 0 ||
                                         strcmp(event->route->path, "/v1/failures/:kind") == 0)));
}

/* Whatever comes in, one well-formed response goes out, its body as long as it says. */
FUZZ_TARGET(data, size)
{
    static const uid_t listed = 1000;
    struct route table[ROWS_MAX];
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = 1000}};
    const struct http_server_options options = {
        .routes = table, .uids = &listed, .uid_count = 1, .observe = observe};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;
    const char *body;

    make_table(table);
    check_target(bytes_of(data, size));
    FUZZ_CHECK(http_loopback(&options, &peer, bytes_of(data, size), &answer, NULL) == 0);
    FUZZ_CHECK(buf_text(&answer, &text, NULL) == 0);
    FUZZ_CHECK(strncmp(text, "HTTP/1.1 ", 9) == 0);
    body = strstr(text, "\r\n\r\n");
    FUZZ_CHECK(body != NULL);
    if (body[4] != '\0') {
        const char *length = strstr(text, "\r\nContent-Length: ");

        FUZZ_CHECK(length != NULL && length < body);
        FUZZ_CHECK(strtoul(length + 18, NULL, 10) == strlen(body + 4));
    }
    return 0;
}
