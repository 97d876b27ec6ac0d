/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/log.h"

#include "base/hex.h"
#include "fetch/fetch.h"

enum { ANSWER_MAX = 4 * 1024 * 1024 };

static int ask(const char *socket, struct buf *url, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct fetch_request request = {.socket = socket, .limit = ANSWER_MAX};

    if (socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    TRY(buf_text(url, &request.url, err));
    TRY(fetch(&request, &response, err));
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is not JSON");
    *ret = json_steal(&response.json);
    return 0;
}

int log_page(const char *socket, const char *since, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;

    TRY(buf_append_text(&url, "/v1/audit?since=", err));
    TRY(fetch_escape(&url, since, err));
    return ask(socket, &url, ret, err);
}

int log_tree(const char *socket, int64_t size, int64_t record, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;

    TRY(buf_append_text(&url, "/v1/audit/tree", err));
    if (size != 0)
        TRY(buf_append_format(&url, err, "?size=%lld", (long long)size));
    if (record != 0)
        TRY(buf_append_format(&url, err, "%crecord=%lld", size == 0 ? '?' : '&',
                              (long long)record));
    return ask(socket, &url, ret, err);
}

int log_growth(const char *socket, int64_t size, int64_t since, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;

    TRY(buf_append_format(&url, err, "/v1/audit/tree?size=%lld&since=%lld", (long long)size,
                          (long long)since));
    return ask(socket, &url, ret, err);
}

int log_blame(int rc, struct err *err)
{
    if (rc == -ERR_INPUT) {
        err_prefix(err, rc, "the daemon's answer is malformed");
        err->kind = ERR_REMOTE;
        return -ERR_REMOTE;
    }
    return rc;
}

int log_root_text(const struct merkle_hash *root, struct buf *ret, struct err *err)
{
    return hex_append(ret, BYTES_ARRAY(root->value), err);
}
