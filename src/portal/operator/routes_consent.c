/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For people: what a service asks them for, and letting it have that. A request is the query that
 * the service sent the browser with, read again at each step.
 */
#include "portal/operator/routes.h"

#include "fetch/uri.h"
#include "http/syntax.h"
#include "portal/account/access.h"
#include "portal/operator/consent_shown.h"
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
                TRY(consent_put_info(x->tables, info, NULL, list, err));
        }
    }
    return json_put(object, "infos", json_steal(&list), err);
}

static int get_consent_request(struct http_call *call, struct err *err)
{
    CLEANUP(operator_request_done) struct operator_request request = {.state = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf refusal = BUF_INIT;

    TRY(read_request(call, http_query(&call->request, "request"), &request, err));
    TRY(operator_request_answer(call->context, &request, "error", "access_denied", &refusal, err));
    TRY(consent_put_client(body, &request.client, err));
    TRY(consent_put_api(body, request.api, err));
    TRY(json_put_bool(body, "is_for_proxies", strcmp(request.api->name, GATEWAY_PROXY_API) == 0,
                      err));
    TRY(json_put_int(body, "period_days", request.is_period ? request.api->period_days : 0, err));
    TRY(put_infos(call->context, &request, body, err));
    TRY(operator_kinds_put(body, request.api, NULL, err));
    TRY(json_put_bytes(body, "refusal_address", buf_bytes(&refusal), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- what is consented to ---- */

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
    memcpy(ret->mandate, own->mandate, sizeof ret->mandate);
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

/* ---- words ---- */

static const struct http_form area_form = {"^[0-9]{5}$", "five digits"};

static const struct http_member request_query[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "the query that the service sent the browser with"},
    {NULL},
};
static const struct http_member request_members[] = {
    CONSENT_CLIENT_MEMBERS,
    CONSENT_API_MEMBERS,
    {"period_days", HTTP_INT, HTTP_REQUIRED, "for so many days; 0: for one request"},
    {"is_for_proxies", HTTP_BOOL, HTTP_REQUIRED,
     "whether somebody's proxy may consent for whom he acts"},
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "what it asks for", consent_info_members},
    {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "of notices that it asks for", operator_kind_members},
    {"refusal_address", HTTP_TEXT, HTTP_REQUIRED, "where whoever does not consent goes"},
    {NULL},
};
static const struct http_member wish_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "the query that the service sent the browser with"},
    {"items", HTTP_ARRAY, HTTP_OPTIONAL,
     "the items that are consented to: for an interface of the exchange, which needs them",
     .form = &consent_item_form},
    {"area", HTTP_TEXT, HTTP_OPTIONAL,
     "the municipality that is asked: for an interface of the exchange, which needs it",
     .form = &area_form},
    {NULL},
};
static const struct http_member given_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the consent", .form = &portal_id_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "where the browser goes, with a code"},
    {NULL},
};
static const struct http_answer authorize_answers[] = {
    {303, "to the page of consent, or back to the service with what is wrong"}, {0}};
static const struct http_answer request_answers[] = {{200, "who asks for what", request_members},
                                                     {0}};
static const struct http_answer given_answers[] = {{201, "it is consented to", given_members}, {0}};

static const struct http_member authorize_query[] = {
    {"response_type", HTTP_TEXT, HTTP_REQUIRED, "code"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the service", .form = &operator_id_form},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "where to go, as registered"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "one interface"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "comes back"},
    {"code_challenge", HTTP_TEXT, HTTP_REQUIRED,
     "of a verifier: 43 letters of base64url (RFC 7636)"},
    {"code_challenge_method", HTTP_TEXT, HTTP_REQUIRED, "S256"},
    {"infos", HTTP_TEXT, HTTP_OPTIONAL,
     "names with blanks between; without it all of the service's"},
    {"period", HTTP_TEXT, HTTP_OPTIONAL, "true: for as long as the interface allows"},
    {NULL},
};

const struct route portal_consent_routes[] = {
    {.method = HTTP_GET,
     .path = "/authorize",
     .access = &http_anyone,
     .query = authorize_query,
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
    {.path = NULL},
};
