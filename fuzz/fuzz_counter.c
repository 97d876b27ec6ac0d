/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a clerk's program sends to the register. The first byte chooses a row of the route table,
 * the second a peer; then the body. The register is a new file, its authority is not there.
 */
#include "register/routes.h"

#include "fuzz.h"
#include "http/engine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char places[] =
    "# one place\n13101\t6\t東京都\tTokyo-to\t千代田区\tちよだく\tChiyoda-ku\n";
static const uid_t uids[] = {1000};

/* Made at the first input and kept: an input may build on what earlier ones left. */
static struct counter counter;
static struct register_store *counter_store;
static struct clock moment;
enum { ROWS_MAX = 64 };
static const struct route *rows[ROWS_MAX];
static size_t row_count;

static char directory[] = "/tmp/jpki-fuzz-XXXXXX";

static const char *file(const char *name)
{
    static char path[64];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void clean(void)
{
    register_store_closep(&counter_store);
    (void)unlink(file("r.db"));
    (void)unlink(file("r.db.lock"));
    (void)rmdir(directory);
}

static void prepare(void)
{
    struct municipalities *list = NULL;

    FUZZ_CHECK(mkdtemp(directory) != NULL && atexit(clean) == 0);
    moment = clock_fixed(1795424894);
    FUZZ_CHECK(register_store_open(file("r.db"), &counter_store, NULL) == 0);
    FUZZ_CHECK(municipalities_parse(bytes_text(places), &list, NULL) == 0);
    counter = (struct counter){.store = counter_store,
                               .municipalities = list,
                               .clock = &moment,
                               .authority = "/nonexistent/authority.sock",
                               .window = "003A",
                               .rule = MYNUMBER_TEST};
    for (const struct route *const *table = register_routes; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++) {
            FUZZ_CHECK(row_count < ROWS_MAX);
            rows[row_count++] = row;
        }
    }
}

/* ":id" becomes an id that may be there. */
static int append_path(struct buf *request, const char *path)
{
    const char *colon = strchr(path, ':');

    if (colon == NULL)
        return buf_append_text(request, path, NULL);
    return buf_append_format(request, NULL, "%.*sA-1%s", (int)(colon - path), path,
                             colon + strcspn(colon, "/"));
}

static unsigned ask(const struct route *row, uid_t uid, struct bytes body, struct buf *answer)
{
    struct http_server_options options = {
        .tables = register_routes, .context = &counter, .uids = uids, .uid_count = 1};
    struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    unsigned status = 0;
    const char *text;

    FUZZ_CHECK(buf_append_format(&request, NULL, "%s ", http_method_name(row->method)) == 0);
    FUZZ_CHECK(append_path(&request, row->path) == 0);
    FUZZ_CHECK(buf_append_text(&request, " HTTP/1.1\r\nHost: x\r\n", NULL) == 0);
    if (row->body != NULL)
        FUZZ_CHECK(buf_append_format(&request, NULL,
                                     "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                                     body.len) == 0);
    FUZZ_CHECK(buf_append_text(&request, "\r\n", NULL) == 0);
    if (row->body != NULL)
        FUZZ_CHECK(buf_append(&request, body, NULL) == 0);
    FUZZ_CHECK(http_loopback(&options, &peer, buf_bytes(&request), answer, NULL) == 0);
    FUZZ_CHECK(buf_text(answer, &text, NULL) == 0);
    FUZZ_CHECK(sscanf(text, "HTTP/1.1 %u", &status) == 1);
    return status;
}

/*
 * A stranger gets nothing, nobody an internal error, and who records a resident does not get the
 * number back. (Elsewhere an answer may repeat what the input called a serial or a member.)
 */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const struct route *row;
    bool is_stranger;
    unsigned status;

    if (size < 2)
        return 0;
    if (row_count == 0)
        prepare();
    row = rows[data[0] % row_count];
    is_stranger = data[1] % 8 == 7;
    status = ask(row, is_stranger ? 1001 : 1000, bytes_of(data + 2, size - 2), &answer);
    FUZZ_CHECK(!is_stranger || status == 403);
    FUZZ_CHECK(status != 500);
    FUZZ_CHECK(row != rows[0] || status >= 300 ||
               memmem(answer.ptr, answer.len, "123456789018", 12) == NULL);
    return 0;
}
