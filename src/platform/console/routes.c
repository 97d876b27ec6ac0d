/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the console, for browsers. What it shows, it asks for as everybody else does. */
#include "platform/routes.h"

#include "http/pages.h"

static struct http_application console_of(const struct http_call *call)
{
    const struct platform *platform = call->context;

    return (struct http_application){platform->console, NULL, "this platform has no console"};
}

static int get_page(struct http_call *call, struct err *err)
{
    const struct http_application console = console_of(call);

    return http_pages_first(call, &console, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    const struct http_application console = console_of(call);

    return http_pages_file(call, &console, err);
}

const struct route platform_console_routes[] = {
    {.method = HTTP_GET,
     .path = "/console/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getConsole",
     .summary = "The console, for browsers",
     .answers = http_pages_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/console/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getConsoleFile",
     .summary = "A file of the console",
     .answers = http_pages_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
