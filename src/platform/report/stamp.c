/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/report/stamp.h"

#include "base/file.h"
#include "base/log.h"
#include "fetch/fetch.h"

enum { ANSWER_MS = 10000 }; /* that an authority may take */

int report_load_roots(const char *path, struct timestamp_roots **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    int rc = file_read(path, TIMESTAMP_ROOTS_MAX, &pem, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    return err_prefix(err, timestamp_roots_read(buf_bytes(&pem), ret, err), "%s", path);
}

static int ask(const struct platform *platform, struct bytes report, struct buf *ret,
               struct err *err)
{
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    struct fetch_content content = {TIMESTAMP_QUERY_TYPE, {NULL, 0}};
    struct fetch_request request = {.url = platform->report.timestamp_url,
                                    .content = &content,
                                    .accept = TIMESTAMP_REPLY_TYPE,
                                    .timeout_ms = ANSWER_MS,
                                    .limit = TIMESTAMP_MAX};

    TRY(timestamp_ask(report, &query, err));
    content.data = buf_bytes(&query);
    TRY(fetch(&request, &answer, err));
    return timestamp_receive(buf_bytes(&query), buf_bytes(&answer.body),
                             platform->report.timestamp_roots, ret, err);
}

int report_stamp(const struct platform *platform, struct bytes report, struct buf *ret,
                 struct err *err)
{
    struct err why = {0};

    if (platform->report.timestamp_url == NULL || ask(platform, report, ret, &why) == 0)
        return 0;
    /* Whatever it is, it is not the asking tenant's doing: the operator reads more. */
    log_failure("report.timestamp", &why);
    return FAIL(err, ERR_REMOTE, "there is no timestamp to be had for the report now");
}
