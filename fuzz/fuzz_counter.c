/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clerks have the register do, once the signature is believed. The first byte chooses a row of
 * the orders; then the body. The register is a new file, its authority is not there.
 */
#include "register/routes.h"

#include "counter_site.h"
#include "fuzz.h"
#include "support/order_run.h"

#include <stdio.h>
#include <string.h>

enum { ROWS_MAX = 64 };

static const struct route *rows[ROWS_MAX];
static size_t row_count;

static void list_rows(void)
{
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
        list_rows();
    row = rows[data[0] % row_count];
    if (row->body != NULL && json_parse(bytes_of(data + 1, size - 1), &body, NULL) < 0)
        return 0;
    FUZZ_CHECK(append_path(&path, row->path) == 0 && buf_text(&path, &text, NULL) == 0);
    rc = order_run(counter_site(), text, body, &answer, NULL);
    FUZZ_CHECK(rc != -ERR_SYSTEM && rc != -ERR_USAGE);
    FUZZ_CHECK(row != rows[0] || rc < 0 ||
               memmem(answer.body.ptr, answer.body.len, "123456789018", 12) == NULL);
    return 0;
}
