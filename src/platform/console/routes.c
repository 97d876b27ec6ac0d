/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the console, for browsers. What it shows, it asks for as everybody else does. */
#include "platform/routes.h"

#include "http/pages.h"

static int reply(struct http_call *call, const char *name, struct err *err)
{
    const struct platform *platform = call->context;

    if (platform->console == NULL)
        return FAIL(err, ERR_ABSENT, "this platform has no console");
    return http_pages_reply(platform->console, name, &call->request, &call->response, err);
}

static int get_page(struct http_call *call, struct err *err)
{
    return reply(call, "index.html", err);
}

static int get_file(struct http_call *call, struct err *err)
{
    return reply(call, http_param(&call->request, "file"), err);
}

static const struct http_answer file_answers[] = {
    {200, "the file", .type = HTTP_ANY_TYPE},
    {206, "the part of it that Range names", .type = HTTP_ANY_TYPE},
    {304, "it is the one in If-None-Match"},
    {416, "it has no byte that Range names"},
    {0}};

const struct route platform_console_routes[] = {
    {.method = HTTP_GET,
     .path = "/console/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getConsole",
     .summary = "The console, for browsers",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/console/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getConsoleFile",
     .summary = "A file of the console",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
