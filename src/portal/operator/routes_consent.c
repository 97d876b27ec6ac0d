/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For people: what a service asks them for, what they let it have, and how they take that back. A
 * request is the query that the service sent the browser with, read again at each step.
 */
#include "portal/operator/routes.h"

#include "fetch/uri.h"
#include "http/syntax.h"
#include "portal/account/access.h"
#include "portal/operator/kinds.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdio.h>
#include <string.h>

/* ---- the browser comes from the service ---- */

static int lead(struct http_call *call, const struct operator_request *request,
                const struct oauth_error *error, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    if (error->code != NULL) {
        TRY(operator_request_answer(call->context, request, "error", error->code, &address, err));
        TRY(uri_add_parameter(&address, "error_description", error->text, err));
    } else {
        TRY(buf_append_text(&address, "/#/consent?", err));
        TRY(buf_append(&address, call->request.raw_query, err));
    }
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* An error before it is known where an answer may go is for the person (RFC 6749, 4.1.2.1). */
static int get_authorize(struct http_call *call, struct err *err)
{
    CLEANUP(operator_request_done) struct operator_request request = {.state = NULL};
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    struct oauth_error error = OAUTH_NO_ERROR;
    struct http_fields fields = {NULL, 0};
    int rc = http_form_read(call, &fields, err);

    if (rc == 0)
        rc = operator_request_read(call->context, &fields, &request, &error, err);
    if (rc != -ERR_UNTRUSTED && rc != -ERR_INPUT) {
        TRY(rc);
        return lead(call, &request, &error, err);
    }
    TRY(buf_append_text(&address, "/#/consent/refused", err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* ---- what is asked for ---- */

static int read_request(const struct http_call *call, const char *query,
                        struct operator_request *ret, struct err *err)
{
    struct oauth_error error = OAUTH_NO_ERROR;
    struct http_fields fields;

    TRY(http_query_decode(call->request.arena, bytes_text(query), &fields, err));
    TRY(operator_request_read(call->context, &fields, ret, &error, err));
    return error.code == NULL ? 0 : FAIL(err, ERR_INPUT, "%s", error.text);
}

static int put_item(const struct item *item, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "code", item->code, err));
    TRY(json_put_int(one, "level", item->level, err));
    TRY(json_put_text(one, "name", item->names.ja, err));
    TRY(json_put_text(one, "name_en", item->names.en, err));
    return json_add(list, json_steal(&one), err);
}

static int put_info(const struct tables *tables, const struct info *info, struct json *list,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();
    CLEANUP(json_freep) struct json *rows = json_array_new();
    size_t count;
    const struct item *items = tables_items(tables, info->code, &count);

    for (size_t i = 0; i < count; i++)
        TRY(put_item(&items[i], rows, err));
    TRY(json_put_text(one, "info", info->code, err));
    TRY(json_put_text(one, "name", info->names.ja, err));
    TRY(json_put_text(one, "name_en", info->names.en, err));
    TRY(json_put(one, "items", json_steal(&rows), err));
    return json_add(list, json_steal(&one), err);
}

/* Names that the tables do not have any more are nobody's to ask for. */
static int put_infos(const struct portal *portal, const struct operator_request *request,
                     struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    const struct exchange *x;

    if (request->api->is_of_exchange) {
        TRY(selfinfo_exchange(portal, &x, err));
        for (size_t i = 0; request->infos[i] != NULL; i++) {
            const struct info *info = tables_info(x->tables, request->infos[i]);

            if (info != NULL)
                TRY(put_info(x->tables, info, list, err));
        }
    }
    return json_put(object, "infos", json_steal(&list), err);
}

static int put_client(struct json *object, const struct operator_client *client, struct err *err)
{
    static const char *const members[] = {"client_name", "client_name_en", "purpose", "purpose_en",
                                          "environment"};

    TRY(json_put_text(object, "client_id", client->id, err));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        TRY(json_put_text(object, members[i], operator_text(client, members[i]), err));
    return 0;
}

static int put_api(struct json *object, const struct gateway_api *api, struct err *err)
{
    TRY(json_put_text(object, "api", api->name, err));
    TRY(json_put_text(object, "api_name", api->names.ja, err));
    return json_put_text(object, "api_name_en", api->names.en, err);
}

static int get_consent_request(struct http_call *call, struct err *err)
{
    CLEANUP(operator_request_done) struct operator_request request = {.state = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf refusal = BUF_INIT;

    TRY(read_request(call, http_query(&call->request, "request"), &request, err));
    TRY(operator_request_answer(call->context, &request, "error", "access_denied", &refusal, err));
    TRY(put_client(body, &request.client, err));
    TRY(put_api(body, request.api, err));
    TRY(json_put_bool(body, "is_for_proxies", strcmp(request.api->name, GATEWAY_PROXY_API) == 0,
                      err));
    TRY(json_put_int(body, "period_days", request.is_period ? request.api->period_days : 0, err));
    TRY(put_infos(call->context, &request, body, err));
    TRY(operator_kinds_put(body, request.api, NULL, err));
    TRY(json_put_bytes(body, "refusal_address", buf_bytes(&refusal), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- what is consented to ---- */

/* Somebody's proxy sees and gives those to one interface alone. */
static struct operator_consents consents_of(const struct session *session)
{
    return (struct operator_consents){session->account.id,
                                      session->mandate[0] == '\0' ? NULL : GATEWAY_PROXY_API};
}

static int check_proxy(const struct session *session, const struct gateway_api *api,
                       struct err *err)
{
    return session->mandate[0] == '\0' || strcmp(api->name, GATEWAY_PROXY_API) == 0
               ? 0
               : FAIL(err, ERR_DENIED, "nobody consents to this for another");
}

/* A text of the list is an item of a name that is asked for. */
static int check_item(const struct tables *tables, const struct operator_request *request,
                      const char *code, struct err *err)
{
    for (size_t i = 0; request->infos[i] != NULL; i++)
        if (tables_item(tables, request->infos[i], code) != NULL)
            return 0;
    return FAIL(err, ERR_INPUT, "items: %s", "the service does not ask for one of them");
}

static int read_items(const struct tables *tables, const struct operator_request *request,
                      const struct json *items, struct operator_consent *consent, struct err *err)
{
    size_t len = 1;

    if (json_count(items) == 0 || json_count(items) > OPERATOR_ITEMS_MAX)
        return FAIL(err, ERR_INPUT, "items: 1 to %d", OPERATOR_ITEMS_MAX);
    memcpy(consent->items, " ", 2);
    for (size_t i = 0; i < json_count(items); i++) {
        const char *code = json_text(json_at(items, i));

        if (!code_is_item(code) || operator_consent_has(consent, code))
            return FAIL(err, ERR_INPUT, "items: ten digits, each once");
        TRY(check_item(tables, request, code, err));
        len += (size_t)snprintf(consent->items + len, sizeof consent->items - len, "%s ", code);
    }
    return 0;
}

/* The bodies that will be asked have to know whom about, which this session can tell them. */
static int learn_codes(const struct portal *portal, const struct session *own,
                       const struct operator_request *request, struct operator_consent *consent,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *infos = json_array_new();
    struct selfinfo_wish wish = {.infos = infos, .area = consent->area};
    struct selfinfo_request asked = {.count = 0};
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    for (size_t i = 0; request->infos[i] != NULL; i++)
        if (operator_consent_has_info(x->tables, consent, request->infos[i]))
            TRY(json_add_text(infos, request->infos[i], err));
    TRY(selfinfo_read_wish(x->tables, &wish, &asked, err));
    TRY(selfinfo_person(portal, own, by, &asked.person, err));
    TRY(selfinfo_learn_codes(portal, own, &asked, by, err));
    consent->person = asked.person;
    return 0;
}

static int read_consent(const struct http_call *call, const struct session *own,
                        const struct operator_request *request, struct operator_consent *ret,
                        const struct audit_origin *by, struct err *err)
{
    const struct json *items;
    const struct exchange *x;
    const char *area;

    memcpy(ret->account, own->account.id, sizeof ret->account);
    if (!request->api->is_of_exchange) {
        operator_kinds_choose(request->api, ret);
        return 0;
    }
    TRY(selfinfo_exchange(call->context, &x, err));
    TRY(json_get_array(call->request.json, "items", &items, err));
    TRY(json_get_text(call->request.json, "area", &area, err));
    if (strlen(area) >= sizeof ret->area)
        return FAIL(err, ERR_INPUT, "area: five digits");
    (void)snprintf(ret->area, sizeof ret->area, "%s", area);
    TRY(read_items(x->tables, request, items, ret, err));
    return learn_codes(call->context, own, request, ret, by, err);
}

static int post_consent(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_request_done) struct operator_request request = {.state = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    struct operator_consent consent = {.area = ""};
    char code[PORTAL_SECRET_SIZE];
    struct audit_origin by;
    struct session own;
    const char *query;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_text(call->request.json, "request", &query, err));
    TRY(read_request(call, query, &request, err));
    TRY(check_proxy(&own, request.api, err));
    TRY(read_consent(call, &own, &request, &consent, &by, err));
    TRY(operator_consent_give(portal_store_db(portal->store), &request, &consent, &by, code, err));
    TRY(operator_request_answer(portal, &request, "code", code, &address, err));
    TRY(json_put_text(body, "id", consent.id, err));
    TRY(json_put_bytes(body, "address", buf_bytes(&address), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* ---- what was consented to ---- */

struct listing {
    const struct portal *portal;
    struct json *list;
    struct operator_consent last;
    size_t count;
};

/* The item's name, as it was ticked. */
static int put_consented(const struct tables *tables, const struct operator_consent *consent,
                         struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; tables != NULL && i < tables->info_count; i++) {
        const struct info *info = &tables->infos[i];

        if (!operator_consent_has_info(tables, consent, info->code))
            continue;
        CLEANUP(json_freep) struct json *rows = json_array_new();
        CLEANUP(json_freep) struct json *one = json_object_new();
        size_t count;
        const struct item *items = tables_items(tables, info->code, &count);

        for (size_t k = 0; k < count; k++)
            if (operator_consent_has(consent, items[k].code))
                TRY(put_item(&items[k], rows, err));
        TRY(json_put_text(one, "info", info->code, err));
        TRY(json_put_text(one, "name", info->names.ja, err));
        TRY(json_put_text(one, "name_en", info->names.en, err));
        TRY(json_put(one, "items", json_steal(&rows), err));
        TRY(json_add(list, json_steal(&one), err));
    }
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
    TRY(put_api(one, gateway_api_find(consent->api), err));
    TRY(put_consented(portal->exchange == NULL ? NULL : portal->exchange->tables, consent, one,
                      err));
    TRY(operator_kinds_put(one, gateway_api_find(consent->api), consent, err));
    TRY(json_put_text(one, "client_id", consent->client, err));
    listing->last = *consent;
    listing->count++;
    return json_add(listing->list, json_steal(&one), err);
}

/* Names of services are looked up behind the list, because there is one transaction at a time. */
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
        TRY(put_client(one, &client, err));
        TRY(json_add(clients, json_steal(&one), err));
    }
    return json_put(body, "clients", json_steal(&clients), err);
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
static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
static const struct http_form item_form = {"^[0-9]{10}$", "ten digits"};
static const struct http_form area_form = {"^[0-9]{5}$", "five digits"};

#define NAME_MEMBERS                                                                               \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},                                             \
    {                                                                                              \
        "name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                          \
    }
#define API_MEMBERS                                                                                \
    {"api", HTTP_TEXT, HTTP_REQUIRED, "by which interface"},                                       \
        {"api_name", HTTP_TEXT, HTTP_REQUIRED, "what it is called, in Japanese"},                  \
    {                                                                                              \
        "api_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                      \
    }
#define CLIENT_MEMBERS                                                                             \
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the service", .form = &operator_id_form},             \
        {"client_name", HTTP_TEXT, HTTP_REQUIRED, "its name, in Japanese"},                        \
        {"client_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},                                \
        {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what it is for, in Japanese"},                      \
        {"purpose_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},                                    \
    {                                                                                              \
        "environment", HTTP_TEXT, HTTP_REQUIRED, "where", .values = operator_environments          \
    }

static const struct http_member item_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the item", .form = &item_form},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the item of level 0 before it"},
    NAME_MEMBERS,
    {NULL},
};
static const struct http_member info_members[] = {
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name's code", .form = &info_form},
    NAME_MEMBERS,
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "its items", item_members},
    {NULL},
};
static const struct http_member request_query[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "the query that the service sent the browser with"},
    {NULL},
};
static const struct http_member request_members[] = {
    CLIENT_MEMBERS,
    API_MEMBERS,
    {"period_days", HTTP_INT, HTTP_REQUIRED, "for so many days; 0: for one request"},
    {"is_for_proxies", HTTP_BOOL, HTTP_REQUIRED,
     "whether somebody's proxy may consent for whom he acts"},
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "what it asks for", info_members},
    {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "of notices that it asks for", operator_kind_members},
    {"refusal_address", HTTP_TEXT, HTTP_REQUIRED, "where whoever does not consent goes"},
    {NULL},
};
static const struct http_member wish_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "the query that the service sent the browser with"},
    {"items", HTTP_ARRAY, HTTP_OPTIONAL, "the items that are consented to", .form = &item_form},
    {"area", HTTP_TEXT, HTTP_OPTIONAL, "the municipality that is asked", .form = &area_form},
    {NULL},
};
static const struct http_member given_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the consent", .form = &portal_id_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "where the browser goes, with a code"},
    {NULL},
};
static const struct http_member consent_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the consent", .form = &portal_id_form},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "whose it is", .form = &operator_id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it counts", .values = states},
    {"is_period", HTTP_BOOL, HTTP_REQUIRED, "whether it is for more than one request"},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends_at", HTTP_INT, HTTP_REQUIRED, "when it ends by itself"},
    {"ended_at", HTTP_INT, HTTP_OR_NULL, "when it was ended before that"},
    {"used_at", HTTP_INT, HTTP_OR_NULL, "when something was fetched by it the first time"},
    API_MEMBERS,
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "what was consented to", info_members},
    {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "of notices that it may read", operator_kind_members},
    {NULL},
};
static const struct http_member client_members[] = {CLIENT_MEMBERS, {NULL}};
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
static const struct http_answer authorize_answers[] = {
    {303, "to the page of consent, or back to the service with what is wrong"}, {0}};
static const struct http_answer request_answers[] = {{200, "who asks for what", request_members},
                                                     {0}};
static const struct http_answer given_answers[] = {{201, "it is consented to", given_members}, {0}};
static const struct http_answer list_answers[] = {{200, "consents", list_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "it counts no longer"}, {0}};

const struct route portal_consent_routes[] = {
    {.method = HTTP_GET,
     .path = "/authorize",
     .access = &http_anyone,
     .handle = get_authorize,
     .operation = "authorize",
     .summary = "A service asks somebody for something: OAuth 2.0, code with PKCE (S256) and state",
     .answers = authorize_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = "/v1/consent-request",
     .access = &portal_citizen,
     .handle = get_consent_request,
     .operation = "getConsentRequest",
     .summary = "Read who asks for what, and what for",
     .query = request_query,
     .answers = request_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/consents",
     .access = &portal_information_of,
     .body = wish_members,
     .handle = post_consent,
     .operation = "giveConsent",
     .summary = "Let a service have single items",
     .answers = given_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
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
