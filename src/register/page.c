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

static struct http_application counter_of(const struct http_call *call)
{
    const struct counter *counter = call->context;

    return (struct http_application){counter->pages, no_pages, "this counter has no pages"};
}

static int get_page(struct http_call *call, struct err *err)
{
    const struct http_application counter = counter_of(call);

    return http_pages_first(call, &counter, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    const struct http_application counter = counter_of(call);

    return http_pages_file(call, &counter, err);
}

const struct route register_page_routes[] = {
    {.method = HTTP_GET,
     .path = "/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getCounter",
     .summary = "The counter's pages, for browsers",
     .answers = http_pages_answers},
    {.method = HTTP_GET,
     .path = "/pages/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getCounterFile",
     .summary = "A file of the pages",
     .answers = http_pages_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
