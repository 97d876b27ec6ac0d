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

static struct http_application portal_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return (struct http_application){portal->pages, no_pages, "this portal has no pages"};
}

static struct http_application office_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return (struct http_application){portal->office, no_pages,
                                     "this portal has no pages for municipalities"};
}

static int get_page(struct http_call *call, struct err *err)
{
    const struct http_application portal = portal_of(call);

    return http_pages_first(call, &portal, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    const struct http_application portal = portal_of(call);

    return http_pages_file(call, &portal, err);
}

static int get_office(struct http_call *call, struct err *err)
{
    const struct http_application office = office_of(call);

    return http_pages_first(call, &office, err);
}

static int get_office_file(struct http_call *call, struct err *err)
{
    const struct http_application office = office_of(call);

    return http_pages_file(call, &office, err);
}

const struct route portal_page_routes[] = {
    {.method = HTTP_GET,
     .path = "/",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getPortal",
     .summary = "The portal's pages, for browsers",
     .answers = http_pages_answers},
    {.method = HTTP_GET,
     .path = "/pages/:file",
     .access = &http_anyone,
     .handle = get_file,
     .operation = "getPortalFile",
     .summary = "A file of the pages",
     .answers = http_pages_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/office",
     .access = &http_anyone,
     .handle = get_office,
     .operation = "getOffice",
     .summary = "Pages for people who work for a municipality",
     .answers = http_pages_answers},
    {.method = HTTP_GET,
     .path = "/office/:file",
     .access = &http_anyone,
     .handle = get_office_file,
     .operation = "getOfficeFile",
     .summary = "A file of them",
     .answers = http_pages_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
