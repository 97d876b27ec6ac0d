/* SPDX-License-Identifier: Apache-2.0 */
/* For people: what they let services have, and how they take that back. */
#include "portal/operator/routes.h"

#include "exchange/exchange.h"
#include "portal/account/access.h"
#include "portal/operator/consent_shown.h"
#include "portal/operator/kinds.h"

#include <string.h>

struct listing {
    const struct portal *portal;
    struct json *list;
    bool is_own; /* whose they are reads it, nobody for him */
    struct operator_consent last;
    size_t count;
};

/* The items' names, as they were ticked. */
static int put_consented(const struct tables *tables, const struct operator_consent *consent,
                         struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; tables != NULL && i < tables->info_count; i++)
        if (operator_consent_has_info(tables, consent, tables->infos[i].code))
            TRY(consent_put_info(tables, &tables->infos[i], consent, list, err));
    return json_put(object, "infos", json_steal(&list), err);
}

static const char *state_of(const struct operator_consent *consent, int64_t now)
{
    if (consent->ended_at != 0)
        return "ended";
    return now < consent->ends_at ? "open" : "over";
}

static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(object, key, err) : json_put_int(object, key, at, err);
}

static int put_consent(void *context, const struct operator_consent *consent, struct err *err)
{
    struct listing *listing = context;
    const struct portal *portal = listing->portal;
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "id", consent->id, err));
    TRY(json_put_text(one, "state", state_of(consent, clock_now(portal->clock)), err));
    TRY(json_put_bool(one, "is_period", consent->is_period, err));
    TRY(json_put_int(one, "made_at", consent->made_at, err));
    TRY(json_put_int(one, "ends_at", consent->ends_at, err));
    TRY(put_time(one, "ended_at", consent->ended_at, err));
    TRY(put_time(one, "used_at", consent->used_at, err));
    TRY(json_put_bool(one, "by_proxy", consent->mandate[0] != '\0', err));
    TRY(json_put_optional(
        one, "proxy_name",
        listing->is_own && consent->proxy_name[0] != '\0' ? consent->proxy_name : NULL, err));
    TRY(consent_put_api(one, gateway_api_find(consent->api), err));
    TRY(put_consented(portal->exchange == NULL ? NULL : portal->exchange->tables, consent, one,
                      err));
    TRY(operator_kinds_put(one, gateway_api_find(consent->api), consent, err));
    TRY(json_put_text(one, "client_id", consent->client, err));
    listing->last = *consent;
    listing->count++;
    return json_add(listing->list, json_steal(&one), err);
}

/* Names of services are looked up behind the list: a reading inside of another takes two turns. */
static int put_names(const struct portal *portal, struct json *body, struct json *list,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *clients = json_array_new();

    for (size_t i = 0; i < json_count(list); i++) {
        CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
        CLEANUP(json_freep) struct json *one = json_object_new();
        const char *id;
        bool is_there = false;

        TRY(json_get_text(json_at(list, i), "client_id", &id, err));
        for (size_t k = 0; k < json_count(clients) && !is_there; k++) {
            const char *other;

            TRY(json_get_text(json_at(clients, k), "client_id", &other, err));
            is_there = strcmp(id, other) == 0;
        }
        if (is_there)
            continue;
        TRY(operator_get(portal_store_db(portal->store), id, &client, err));
        TRY(consent_put_client(one, &client, err));
        TRY(json_add(clients, json_steal(&one), err));
    }
    return json_put(body, "clients", json_steal(&clients), err);
}

/* Somebody's proxy sees and gives those to one interface alone. */
static struct operator_consents consents_of(const struct session *session)
{
    return (struct operator_consents){session->account.id,
                                      session->mandate[0] == '\0' ? NULL : GATEWAY_PROXY_API};
}

static int get_consents(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *after = http_query(&call->request, "after");
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct listing listing = {.portal = portal, .list = list};
    struct operator_consents among;
    struct session own;

    TRY(citizen_find(call, &own, err));
    among = consents_of(&own);
    listing.is_own = own.mandate[0] == '\0';
    TRY(operator_consent_list(portal_store_db(portal->store), &among, after == NULL ? "" : after,
                              put_consent, &listing, err));
    TRY(put_names(portal, body, list, err));
    TRY(json_put_optional(body, "next", listing.count < OPERATOR_PAGE_MAX ? NULL : listing.last.id,
                          err));
    TRY(json_put(body, "consents", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_consent(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct operator_consents among;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    among = consents_of(&own);
    TRY(operator_consent_withdraw(portal_store_db(portal->store), &among,
                                  http_param(&call->request, "id"), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const char *const states[] = {"open", "ended", "over", NULL};
static const struct http_member consent_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the consent", .form = &portal_id_form},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "whose it is", .form = &operator_id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it counts", .values = states},
    {"is_period", HTTP_BOOL, HTTP_REQUIRED, "whether it is for more than one request"},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends_at", HTTP_INT, HTTP_REQUIRED, "when it ends by itself"},
    {"ended_at", HTTP_INT, HTTP_OR_NULL, "when it was ended before that"},
    {"used_at", HTTP_INT, HTTP_OR_NULL, "when something was fetched by it the first time"},
    {"by_proxy", HTTP_BOOL, HTTP_REQUIRED,
     "whether somebody gave it for the person: then it ends with the mandate"},
    {"proxy_name", HTTP_TEXT, HTTP_OR_NULL,
     "what the person calls who did; null: nobody, or it is forgotten, or another reads this"},
    CONSENT_API_MEMBERS,
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "what was consented to", consent_info_members},
    {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "of notices that it may read, or send",
     operator_kind_members},
    {NULL},
};
static const struct http_member client_members[] = {CONSENT_CLIENT_MEMBERS, {NULL}};
static const struct http_member list_query[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "the next of the page before", .form = &portal_id_form},
    {NULL},
};
static const struct http_member list_members[] = {
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", consent_members},
    {"clients", HTTP_ARRAY, HTTP_REQUIRED, "the services of this page", client_members},
    {"next", HTTP_TEXT, HTTP_OR_NULL, "for after; null: there are no more",
     .form = &portal_id_form},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "consents", list_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "it counts no longer"}, {0}};

const struct route portal_given_consent_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/consents",
     .access = &portal_information_of,
     .handle = get_consents,
     .operation = "listConsents",
     .summary = "List what one let services have",
     .query = list_query,
     .answers = list_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/consents/:id",
     .access = &portal_information_of,
     .handle = delete_consent,
     .operation = "withdrawConsent",
     .summary = "Take a consent back",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
