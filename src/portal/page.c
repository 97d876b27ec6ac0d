/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the pages, for browsers. What they show, they ask for as everybody else does. */
#include "portal/routes.h"

#include "http/pages.h"

static int reply(struct http_call *call, const char *name, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->pages == NULL)
        return FAIL(err, ERR_ABSENT, "this portal has no pages");
    return http_pages_reply(portal->pages, name, &call->request, &call->response, err);
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

const struct route portal_page_routes[] = {
    {.method = HTTP_GET,
     .path = "/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getPortal",
     .summary = "The portal's pages, for browsers",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/pages/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getPortalFile",
     .summary = "A file of the pages",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
