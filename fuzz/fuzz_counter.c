/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clerks have the register do, once the signature is believed. The first byte chooses a row of
 * the orders; then the body. The register is a new file, its authority is not there.
 */
#include "register/desk.h"
#include "register/routes.h"

#include "fuzz.h"
#include "support/order_run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char places[] =
    "# one place\n13101\t6\t東京都\tTokyo-to\t千代田区\tちよだく\tChiyoda-ku\n";

/* Made at the first input and kept: an input may build on what earlier ones left. */
static struct counter counter;
static struct register_store *counter_store;
static struct clock moment;
static struct desk *desk;
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
    desk_freep(&desk);
    register_store_closep(&counter_store);
    (void)unlink(file("r.db"));
    (void)unlink(file("r.db.lock"));
    (void)rmdir(directory);
}

static void prepare(void)
{
    struct municipalities *list = NULL;
    struct anchors *anchors = NULL;

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
    FUZZ_CHECK(anchors_new(&anchors, NULL) == 0);
    FUZZ_CHECK(desk_new(anchors, "https://register.example", &desk, NULL) == 0);
    counter.desk = desk;
    for (const struct route *const *table = register_orders; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++) {
            FUZZ_CHECK(row_count < ROWS_MAX);
            rows[row_count++] = row;
        }
    }
}

/* ":id" becomes an id that may be there. */
static int append_path(struct buf *ret, const char *path)
{
    const char *colon = strchr(path, ':');

    if (colon == NULL)
        return buf_append_text(ret, path, NULL);
    return buf_append_format(ret, NULL, "%.*sA-1%s", (int)(colon - path), path,
                             colon + strcspn(colon, "/"));
}

/*
 * Nobody gets an internal error, and who records a resident does not get the number back.
 * (Elsewhere an answer may repeat what the input called a serial or a member.)
 */
FUZZ_TARGET(data, size)
{
    CLEANUP(http_response_done) struct http_response answer = {.status = 0};
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(buf_done) struct buf path = BUF_INIT;
    const struct route *row;
    const char *text;
    int rc;

    if (size < 1)
        return 0;
    if (row_count == 0)
        prepare();
    row = rows[data[0] % row_count];
    if (row->body != NULL && json_parse(bytes_of(data + 1, size - 1), &body, NULL) < 0)
        return 0;
    FUZZ_CHECK(append_path(&path, row->path) == 0 && buf_text(&path, &text, NULL) == 0);
    rc = order_run(&counter, text, body, &answer, NULL);
    FUZZ_CHECK(rc != -ERR_SYSTEM && rc != -ERR_USAGE);
    FUZZ_CHECK(row != rows[0] || rc < 0 ||
               memmem(answer.body.ptr, answer.body.len, "123456789018", 12) == NULL);
    return 0;
}
