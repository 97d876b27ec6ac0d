/* SPDX-License-Identifier: Apache-2.0 */
/* Outside sites for people: which there are, and which of them one has linked. For oneself alone.
 */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/site/store.h"

static int put_linkage(struct json *item, const struct portal *portal, const char *account,
                       const struct site_row *site, struct err *err)
{
    struct site_linkage linkage = {.linked_at = 0};
    int rc = site_linkage_get(portal->store, account, site->id, &linkage, err);

    if (rc == -ERR_ABSENT)
        TRY(json_put_null(item, "linked_at", err));
    else
        TRY(rc < 0 ? rc : json_put_int(item, "linked_at", linkage.linked_at, err));
    return linkage.used_at == 0 ? json_put_null(item, "used_at", err)
                                : json_put_int(item, "used_at", linkage.used_at, err);
}

static int put_site(struct json *list, const struct portal *portal, const char *account,
                    const struct site_row *site, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(json_put_text(item, "id", site->id, err));
    TRY(json_put_text(item, "name", site->name.ja, err));
    TRY(json_put_text(item, "name_en", site->name.en, err));
    TRY(json_put_text(item, "lead", site->lead.ja, err));
    TRY(json_put_text(item, "lead_en", site->lead.en, err));
    TRY(json_put_text(item, "address", site->address, err));
    TRY(put_linkage(item, portal, account, site, err));
    return json_add(list, json_steal(&item), err);
}

static int list_sites(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct sites *sites = portal->sites.list;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct session own;

    TRY(citizen_find(call, &own, err));
    for (size_t i = 0; sites != NULL && i < sites->count; i++)
        TRY(put_site(list, portal, own.account.id, &sites->at[i], err));
    TRY(json_put(body, "sites", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int change(struct http_call *call,
                  int (*act)(struct portal_store *store, const struct account *account,
                             const struct site_row *site, const struct audit_origin *by,
                             struct err *err),
                  struct err *err)
{
    const struct portal *portal = call->context;
    const struct site_row *site = sites_find(portal->sites.list, http_param(&call->request, "id"));
    struct audit_origin by;
    struct session own;
    int rc;

    TRY(citizen_find(call, &own, err));
    if (site == NULL)
        return FAIL(err, ERR_ABSENT, "there is no such site");
    by = citizen_by(call, &own);
    rc = act(portal->store, &own.account, site, &by, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "you have not linked this site");
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

static int put_link(struct http_call *call, struct err *err)
{
    return change(call, site_link, err);
}

static int delete_link(struct http_call *call, struct err *err)
{
    return change(call, site_unlink, err);
}

/* ---- words ---- */

static const struct http_member site_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the site's name here"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"lead", HTTP_TEXT, HTTP_REQUIRED, "what one does there"},
    {"lead_en", HTTP_TEXT, HTTP_REQUIRED, "the same in English"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "where one goes on to it"},
    {"linked_at", HTTP_INT, HTTP_OR_NULL, "UTC seconds; null: it is not linked"},
    {"used_at", HTTP_INT, HTTP_OR_NULL, "when one went there last"},
    {NULL},
};
static const struct http_member sites_members[] = {
    {"sites", HTTP_ARRAY, HTTP_REQUIRED, "all there are", site_members}, {NULL}};
static const struct http_answer sites_answers[] = {{200, "outside sites", sites_members}, {0}};
static const struct http_answer linked_answers[] = {{204, "it is linked"}, {0}};
static const struct http_answer unlinked_answers[] = {{204, "it is not linked any more"}, {0}};

const struct route portal_site_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/sites",
     .access = &portal_citizen,
     .handle = list_sites,
     .operation = "listSites",
     .summary = "List outside sites, and which of them one has linked",
     .answers = sites_answers},
    {.method = HTTP_PUT,
     .path = "/v1/sites/:id/linkage",
     .access = &portal_citizen,
     .handle = put_link,
     .operation = "linkSite",
     .summary = "Link a site, to go on to it without the card",
     .answers = linked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_DELETE,
     .path = "/v1/sites/:id/linkage",
     .access = &portal_citizen,
     .handle = delete_link,
     .operation = "unlinkSite",
     .summary = "Part with a site; sessions there end",
     .answers = unlinked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
