/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the counter's pages, for clerks' browsers at the door. */
#include "register/routes.h"

#include "http/pages.h"

static const char no_pages[] =
    "TEST, unofficial, not a government site / 試験用・非公式。政府のサイトではありません\n"
    "\n"
    "This counter runs without its pages: they were not built, or counter_dir is not set.\n"
    "この窓口は、画面なしで動いています。画面がビルドされていないか、counter_"
    "dirの設定がありません。"
    "\n";

static int get_page(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter->pages == NULL)
        return http_reply_bytes(&call->response, 200, "text/plain; charset=utf-8",
                                bytes_text(no_pages), err);
    return http_pages_reply(counter->pages, "index.html", &call->request, &call->response, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter->pages == NULL)
        return FAIL(err, ERR_ABSENT, "this counter has no pages");
    return http_pages_reply(counter->pages, http_param(&call->request, "file"), &call->request,
                            &call->response, err);
}

static const struct http_answer file_answers[] = {
    {200, "the file", .type = HTTP_ANY_TYPE},
    {206, "the part of it that Range names", .type = HTTP_ANY_TYPE},
    {304, "it is the one in If-None-Match"},
    {416, "it has no byte that Range names"},
    {0}};

const struct route register_page_routes[] = {
    {.method = HTTP_GET,
     .path = "/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getCounter",
     .summary = "The counter's pages, for browsers",
     .answers = file_answers},
    {.method = HTTP_GET,
     .path = "/pages/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getCounterFile",
     .summary = "A file of the pages",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
