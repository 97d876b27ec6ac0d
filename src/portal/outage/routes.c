/* SPDX-License-Identifier: Apache-2.0 */
/* The status page for everybody, and how the portal's operator changes what it says (S201). */
#include "portal/outage/routes.h"

#include "exchange/exchange.h"
#include "portal/gateway/api.h"
#include "portal/outage/outage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEEK_SECONDS = 7 * 86400, DECIMAL = 10, DIGITS_MAX = 15 };

/* What the status says, as it is found. */
struct status {
    const struct portal *portal;
    int64_t now;
    struct outage outages[OUTAGES_SHOWN];
    size_t count;
    bool has_exchange;
    int64_t opens_at; /* of the exchange; now: it is open */
    struct hours_day day;
};

static int find_exchange(struct status *status, struct err *err)
{
    const struct exchange *x = status->portal->exchange;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    status->has_exchange = x != NULL;
    if (x == NULL)
        return 0;
    status->day = hours_of_day(x->hours, status->now);
    TRY(db_begin_read(x->db, &txn, err));
    return exchange_open_from(x, &txn, "*", status->now, &status->opens_at, err);
}

static bool is_now(const struct outage *outage, const char *api, int64_t now)
{
    return outage->begins <= now && (outage->ends == 0 || outage->ends > now) &&
           (strcmp(outage->api, "*") == 0 || strcmp(outage->api, api) == 0);
}

/* A state, and until when, if that is known. */
static const char *find_state(const struct status *status, const struct gateway_api *api,
                              int64_t *ret_until)
{
    *ret_until = 0;
    for (size_t i = 0; i < status->count; i++) {
        const struct outage *outage = &status->outages[i];

        if (!is_now(outage, api->name, status->now))
            continue;
        *ret_until = outage->ends;
        return outage_kinds[outage->kind];
    }
    if (!api->is_of_exchange)
        return "open";
    if (!status->has_exchange)
        return "absent";
    if (status->opens_at <= status->now)
        return "open";
    *ret_until = status->opens_at;
    return "closed";
}

static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(object, key, err) : json_put_int(object, key, at, err);
}

static int put_apis(const struct status *status, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; gateway_apis[i] != NULL; i++) {
        const struct gateway_api *api = gateway_apis[i];
        CLEANUP(json_freep) struct json *one = json_object_new();
        int64_t until;

        TRY(json_put_text(one, "api", api->name, err));
        TRY(json_put_text(one, "name", api->names.ja, err));
        TRY(json_put_text(one, "name_en", api->names.en, err));
        TRY(json_put_text(one, "since", api->since, err));
        TRY(json_put_text(one, "state", find_state(status, api, &until), err));
        TRY(put_time(one, "until", until, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(body, "apis", json_steal(&list), err);
}

static int put_outage(const struct outage *outage, struct json *one, struct err *err)
{
    TRY(json_put_int(one, "id", outage->id, err));
    TRY(json_put_text(one, "api", outage->api, err));
    TRY(json_put_text(one, "kind", outage_kinds[outage->kind], err));
    TRY(json_put_text(one, "text", outage->text, err));
    TRY(json_put_text(one, "text_en", outage->text_en, err));
    TRY(json_put_int(one, "begins", outage->begins, err));
    return put_time(one, "ends", outage->ends, err);
}

static int put_outages(const struct status *status, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < status->count; i++) {
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(put_outage(&status->outages[i], one, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(body, "outages", json_steal(&list), err);
}

/* The exchange's own maintenance, and that of single bodies. */
struct planned {
    const struct tables *tables;
    struct json *list;
};

static int take_planned(void *context, const struct exchange_outage *outage, struct err *err)
{
    struct planned *planned = context;
    const struct body *body = tables_body(planned->tables, outage->body);
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "body", outage->body, err));
    if (body != NULL) {
        TRY(json_put_text(one, "name", body->names.ja, err));
        TRY(json_put_text(one, "name_en", body->names.en, err));
    }
    TRY(json_put_int(one, "begins", outage->begins, err));
    TRY(json_put_int(one, "ends", outage->ends, err));
    return json_add(planned->list, json_steal(&one), err);
}

static int put_planned(const struct status *status, struct json *body, struct err *err)
{
    const struct exchange *x = status->portal->exchange;
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct planned planned = {x->tables, list};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(x->db, &txn, err));
    TRY(exchange_outages(&txn, status->now, take_planned, &planned, err));
    return json_put(body, "exchange_outages", json_steal(&list), err);
}

static int put_hours(const struct status *status, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *hours = json_object_new();

    TRY(json_put_bool(hours, "is_rest_day", status->day.is_rest, err));
    TRY(json_put_int(hours, "opens", status->day.opens, err));
    TRY(json_put_int(hours, "closes", status->day.closes, err));
    return json_put(body, "exchange_hours", json_steal(&hours), err);
}

static int get_status(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct status status = {.portal = portal, .now = clock_now(portal->clock)};

    TRY(find_exchange(&status, err));
    TRY(outage_list(portal_store_db(portal->store), status.now - WEEK_SECONDS, status.outages,
                    &status.count, err));
    TRY(json_put_int(body, "now", status.now, err));
    TRY(put_apis(&status, body, err));
    TRY(put_outages(&status, body, err));
    if (status.has_exchange) {
        TRY(put_hours(&status, body, err));
        TRY(put_planned(&status, body, err));
    }
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- the operator ---- */

static struct audit_origin by_peer(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return audit_by_uid(clock_now(portal->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

static int read_outage(const struct json *json, int64_t now, struct outage *ret, struct err *err)
{
    const char *kind;

    TRY(json_copy_text(json, "api", ret->api, sizeof ret->api, err));
    TRY(json_get_text(json, "kind", &kind, err));
    ret->kind = strcmp(kind, outage_kinds[OUTAGE_MAINTENANCE]) == 0 ? OUTAGE_MAINTENANCE
                                                                    : OUTAGE_FAILURE;
    TRY(json_copy_text(json, "text", ret->text, sizeof ret->text, err));
    TRY(json_copy_text(json, "text_en", ret->text_en, sizeof ret->text_en, err));
    ret->begins = now;
    if (json_has(json, "begins"))
        TRY(json_get_int(json, "begins", &ret->begins, err));
    if (json_has(json, "ends"))
        TRY(json_get_int(json, "ends", &ret->ends, err));
    return 0;
}

static int post_outage(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = by_peer(call);
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct outage outage = {.id = 0};

    TRY(read_outage(call->request.json, by.at, &outage, err));
    TRY(outage_announce(portal_store_db(portal->store), &outage, &by, err));
    TRY(put_outage(&outage, body, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_end(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *id = http_param(&call->request, "id");
    const struct audit_origin by = by_peer(call);

    if (strlen(id) > DIGITS_MAX || strspn(id, "0123456789") != strlen(id))
        return FAIL(err, ERR_ABSENT, "there is none of that number");
    TRY(outage_end(portal_store_db(portal->store), strtoll(id, NULL, DECIMAL), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const char *const states[] = {"open", "closed", "outage", "maintenance", "absent", NULL};
static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM"};

static const struct http_member api_members[] = {
    {"api", HTTP_TEXT, HTTP_REQUIRED, "the interface"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"since", HTTP_TEXT, HTTP_REQUIRED, "when the real one began", .form = &month_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED,
     "closed: the exchange behind it is closed at this hour; absent: this portal has none",
     .values = states},
    {"until", HTTP_INT, HTTP_OR_NULL, "UTC seconds; null: not known, or open"},
    {NULL},
};
#define OUTAGE_MEMBERS                                                                             \
    {"api", HTTP_TEXT, HTTP_REQUIRED, "the interface; *: all of them"},                            \
        {"kind", HTTP_TEXT, HTTP_REQUIRED, "what it is", .values = outage_kinds},                  \
        {"text", HTTP_TEXT, HTTP_REQUIRED, "what happens, in Japanese"},                           \
    {                                                                                              \
        "text_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                          \
    }
static const struct http_member outage_members[] = {
    {"id", HTTP_INT, HTTP_REQUIRED, "its number"},
    OUTAGE_MEMBERS,
    {"begins", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends", HTTP_INT, HTTP_OR_NULL, "null: nobody knows yet"},
    {NULL},
};
static const struct http_member announced_members[] = {
    OUTAGE_MEMBERS,
    {"begins", HTTP_INT, HTTP_OPTIONAL, "UTC seconds; without it now"},
    {"ends", HTTP_INT, HTTP_OPTIONAL, "of maintenance; of an outage if it is known"},
    {NULL},
};
static const struct http_member hours_members[] = {
    {"is_rest_day", HTTP_BOOL, HTTP_REQUIRED, "a Saturday, Sunday or holiday"},
    {"opens", HTTP_INT, HTTP_REQUIRED, "the hour in Japan"},
    {"closes", HTTP_INT, HTTP_REQUIRED, "the hour in Japan; 24: not on this day"},
    {NULL},
};
static const struct http_member planned_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "which does not answer then; *: the whole exchange"},
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "of the body, in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "in English"},
    {"begins", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {NULL},
};
static const struct http_member status_members[] = {
    {"now", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"apis", HTTP_ARRAY, HTTP_REQUIRED, "how each interface stands", api_members},
    {"outages", HTTP_ARRAY, HTTP_REQUIRED, "of the last week, now and announced, by beginning",
     outage_members},
    {"exchange_hours", HTTP_OBJECT, HTTP_OPTIONAL, "of today", hours_members},
    {"exchange_outages", HTTP_ARRAY, HTTP_OPTIONAL,
     "maintenance of the exchange and of bodies, now and announced, by beginning", planned_members},
    {NULL},
};
static const struct http_answer status_answers[] = {{200, "the status", status_members}, {0}};
static const struct http_answer announced_answers[] = {{201, "it is announced", outage_members},
                                                       {0}};
static const struct http_answer ended_answers[] = {{204, "it is over"}, {0}};

#define STATUS_ROW                                                                                 \
    {                                                                                              \
        .method = HTTP_GET, .path = "/v1/status", .access = &http_anyone, .handle = get_status,    \
        .operation = "getStatus", .summary = "Read which interfaces are in service",               \
        .answers = status_answers                                                                  \
    }

const struct route portal_status_routes[] = {STATUS_ROW, {.path = NULL}};

const struct route portal_outage_routes[] = {
    STATUS_ROW,
    {.method = HTTP_POST,
     .path = "/v1/status/outages",
     .access = &audit_operator,
     .body = announced_members,
     .handle = post_outage,
     .operation = "announceInterruption",
     .summary = "Say that an interface is, or will be, out of service",
     .answers = announced_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/status/outages/:id/end",
     .access = &audit_operator,
     .handle = post_end,
     .operation = "endInterruption",
     .summary = "Say that it is over, or call it off",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
