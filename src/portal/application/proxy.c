/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/proxy.h"

#include "portal/routes.h"

#include <stdio.h>
#include <string.h>

static const char *const words[][2] = {
    [MANDATE_GIVEN] = {"任意代理人（本人からの委任）", "Named by the applicant"},
    [MANDATE_PARENT] = {"親権者（市区町村の登録）", "Parent (registered by a municipality)"},
    [MANDATE_GUARDIAN] = {"後見人（市区町村の登録）", "Guardian (registered by a municipality)"},
};

const char *application_proxy_mandate(const struct application_proxy *proxy)
{
    return application_by_proxy(proxy) ? proxy->mandate : NULL;
}

const char *application_proxy_kind(const struct application_proxy *proxy)
{
    return application_by_proxy(proxy) ? mandate_kinds[proxy->kind] : NULL;
}

const char *application_proxy_word(const struct application_proxy *proxy, bool in_english)
{
    return words[proxy->kind][in_english];
}

int application_proxy_read(const char *mandate, const char *kind, struct application_proxy *ret,
                           struct err *err)
{
    struct application_proxy proxy = {.mandate = ""};
    unsigned place = 0;

    while (mandate[0] != '\0' && place < MANDATE_KINDS_ && strcmp(mandate_kinds[place], kind) != 0)
        place++;
    if (place == MANDATE_KINDS_ || strlen(mandate) >= sizeof proxy.mandate)
        return FAIL(err, ERR_SYSTEM, "an application by no kind of mandate");
    (void)snprintf(proxy.mandate, sizeof proxy.mandate, "%s", mandate);
    proxy.kind = (enum mandate_kind)place;
    *ret = proxy;
    return 0;
}

int application_proxy_put(struct json *body, const struct application_proxy *proxy, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    if (!application_by_proxy(proxy))
        return 0;
    TRY(json_put_text(item, "mandate", proxy->mandate, err));
    TRY(json_put_text(item, "kind", mandate_kinds[proxy->kind], err));
    return json_put(body, "proxy", json_steal(&item), err);
}

const struct http_member application_proxy_members[] = {
    {"mandate", HTTP_TEXT, HTTP_REQUIRED, "what the mandate is called", .form = &portal_id_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "how it came to be", .values = mandate_kinds},
    {NULL},
};
