/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the document of one API: write NAME > NAME.json. A tool of the build, not installed. */
#include "write.h"

#include "authapp/routes.h"
#include "authority/routes.h"
#include "http/openapi.h"
#include "ocsp/responder.h"
#include "platform/routes.h"
#include "portal/gateway/door.h"
#include "portal/routes.h"
#include "register/routes.h"
#include "sandbox/page.h"
#include "witness/routes.h"

#include <stdio.h>
#include <string.h>

static const struct api apis[] = {
    {&authority_about, .tables = authority_routes},
    {&authority_holder_about, .tables = authority_holder_tables},
    {&authority_asked_about, .tables = authority_asked_routes},
    {&authority_shown_about, .tables = authority_shown_routes},
    {&ocsp_about, .tables = ocsp_tables},
    {&page_about, .tables = page_tables},
    {&platform_about, .tables = platform_routes},
    {&authapp_about, .tables = authapp_routes},
    {&portal_about, .tables = portal_routes},
    {&portal_door_about, .tables = portal_door_routes},
    {&register_about, .tables = register_routes},
    {&register_door_about, .tables = register_door_routes},
    {&register_orders_about, .tables = register_orders},
    {&witness_about, witness_routes},
};

/* NULL: there is no such API. */
static const struct api *find(const char *name)
{
    for (size_t i = 0; i < sizeof apis / sizeof apis[0]; i++) {
        if (strcmp(apis[i].about->name, name) == 0)
            return &apis[i];
    }
    return strcmp(openapi_card.about->name, name) == 0 ? &openapi_card : NULL;
}

static int write_document(const struct api *api, struct err *err)
{
    const struct http_server_options options = {
        .routes = api->routes, .tables = api->tables, .about = api->about};
    CLEANUP(json_freep) struct json *document = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(openapi_make(&options, &document, err));
    TRY(json_write(document, &text, err));
    if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        return FAIL_ERRNO(err, "cannot write");
    return 0;
}

int main(int argc, char *argv[])
{
    const struct api *api = argc == 2 ? find(argv[1]) : NULL;
    struct err err = {0};

    if (api == NULL) {
        (void)fprintf(stderr, "usage: write NAME, which is the name of an API\n");
        return 2;
    }
    if (write_document(api, &err) == 0)
        return 0;
    (void)fprintf(stderr, "write: %s: %s\n", argv[1], err.text);
    return 1;
}
