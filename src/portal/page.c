/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the pages, for browsers: those of citizens, and those of people who work for a
 * municipality (the office). What they show, they ask for as everybody else does. */
#include "portal/routes.h"

#include "http/pages.h"

/* Whoever follows the printed address of a portal without pages is told where things are. */
static const char no_pages[] =
    "TEST, unofficial, not a government site / 試験用・非公式。政府のサイトではありません\n"
    "\n"
    "This portal for citizens runs without its pages: they were not built, or pages_dir is not "
    "set.\n"
    "To build them: scripts/install-npm ui, and meson setup build --wipe.\n"
    "Its API answers all the same: /openapi.json says how, /v1/procedures can be read by anyone.\n"
    "\n"
    "この市民ポータルは、画面なしで動いています。画面がビルドされていないか、pages_"
    "dirの設定がありません。\n"
    "ビルドの方法: scripts/install-npm ui のあと meson setup build --wipe\n"
    "APIは使えます。説明は /openapi.json に、だれでも読める手続は /v1/procedures にあります。\n";

static int get_page(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->pages == NULL)
        return http_reply_bytes(&call->response, 200, "text/plain; charset=utf-8",
                                bytes_text(no_pages), err);
    return http_pages_reply(portal->pages, "index.html", &call->request, &call->response, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->pages == NULL)
        return FAIL(err, ERR_ABSENT, "this portal has no pages");
    return http_pages_reply(portal->pages, http_param(&call->request, "file"), &call->request,
                            &call->response, err);
}

static int get_office(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->office == NULL)
        return http_reply_bytes(&call->response, 200, "text/plain; charset=utf-8",
                                bytes_text(no_pages), err);
    return http_pages_reply(portal->office, "index.html", &call->request, &call->response, err);
}

static int get_office_file(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->office == NULL)
        return FAIL(err, ERR_ABSENT, "this portal has no pages for municipalities");
    return http_pages_reply(portal->office, http_param(&call->request, "file"), &call->request,
                            &call->response, err);
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
     .answers = file_answers},
    {.method = HTTP_GET,
     .path = "/pages/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getPortalFile",
     .summary = "A file of the pages",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/office",
     .access = &http_anyone,
     .handle = get_office,
     .operation = "getOffice",
     .summary = "Pages for people who work for a municipality",
     .answers = file_answers},
    {.method = HTTP_GET,
     .path = "/office/:file",
     .access = &http_anyone,
     .handle = get_office_file,
     .operation = "getOfficeFile",
     .summary = "A file of them",
     .answers = file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
