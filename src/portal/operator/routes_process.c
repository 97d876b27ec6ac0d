/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-information for services, at the published paths (portal.md 2.3: IF001-04 and IF001-06);
 * medical insurance goes by the same. What is not public is our own: all members but process_id and
 * selfPersonalData, and the names of failures.
 */
#include "portal/operator/routes.h"

#include "base/random_text.h"
#include "portal/operator/pull.h"

#include <string.h>

/* The consent that the request shows, by an interface that asks bodies about a person. */
static int find_consent(const struct http_call *call, struct operator_consent *ret, struct err *err)
{
    struct operator_consent consent;

    TRY(operator_pull_consent(call, NULL, &consent, err));
    if (consent.person == 0)
        return operator_fail(OPERATOR_NOT_CONSENTED, err);
    *ret = consent;
    return 0;
}

/* Names that are asked for; all that were consented to, where nothing is said. */
static int read_infos(const struct http_call *call, const struct tables *tables,
                      const struct operator_consent *consent, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *infos = json_array_new();
    const struct json *asked = NULL;

    if (json_has(call->request.json, "infos")) {
        TRY(json_get_array(call->request.json, "infos", &asked, err));
        for (size_t i = 0; i < json_count(asked); i++)
            if (!operator_consent_has_info(tables, consent, json_text(json_at(asked, i))))
                return operator_fail(OPERATOR_NOT_CONSENTED, err);
        return json_duplicate(asked, ret, err);
    }
    for (size_t i = 0; i < tables->info_count; i++)
        if (operator_consent_has_info(tables, consent, tables->infos[i].code))
            TRY(json_add_text(infos, tables->infos[i].code, err));
    *ret = json_steal(&infos);
    return 0;
}

static int begin(struct http_call *call, const struct operator_consent *consent,
                 struct selfinfo_request *ret, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *infos = NULL;
    struct selfinfo_wish wish = {.area = consent->area};
    const struct exchange *x;

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(read_infos(call, x->tables, consent, &infos, err));
    wish.infos = infos;
    if (json_has(call->request.json, "year"))
        TRY(json_get_int(call->request.json, "year", &wish.year, err));
    TRY(selfinfo_read_wish(x->tables, &wish, ret, err));
    ret->person = consent->person;
    ret->made_at = clock_now(portal->clock);
    return random_text(ret->id, sizeof ret->id, err);
}

static int has_callback(const struct portal *portal, const char *id, bool *ret, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};

    TRY(operator_get(portal_store_db(portal->store), id, &client, err));
    *ret = json_has(client.metadata, "callback_uri");
    return 0;
}

static int post_request(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct selfinfo_request request = {.count = 0};
    struct operator_consent consent;
    struct audit_origin by;
    bool is_told;

    TRY(find_consent(call, &consent, err));
    by = operator_pull_by(call, &consent);
    TRY(begin(call, &consent, &request, err));
    TRY(has_callback(portal, consent.client, &is_told, err));
    TRY(operator_process_add(portal_store_db(portal->store), &consent, &request, is_told, &by,
                             err));
    TRY(operator_process_continue(portal, consent.client, &request, &by, err));
    TRY(json_put_text(body, "process_id", request.id, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_result(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct selfinfo_request request;
    struct operator_consent consent;
    struct audit_origin by;
    struct json *body;
    const char *id;

    TRY(find_consent(call, &consent, err));
    by = operator_pull_by(call, &consent);
    TRY(json_get_text(call->request.json, "process_id", &id, err));
    TRY(operator_process_get(portal_store_db(portal->store), &consent, id, &request, err));
    TRY(operator_process_continue(portal, consent.client, &request, &by, err));
    TRY(operator_process_tell(portal, &consent, &request, &by, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};

static const struct http_member wish_members[] = {
    {"infos", HTTP_ARRAY, HTTP_OPTIONAL, "names; without it all that was consented to",
     .form = &info_form},
    {"year", HTTP_INT, HTTP_OPTIONAL, "the year that is asked for; without it all that is held"},
    {NULL},
};
static const struct http_member begun_members[] = {
    {"process_id", HTTP_TEXT, HTTP_REQUIRED, "for /result", .form = &portal_id_form}, {NULL}};
static const struct http_member which_members[] = {
    {"process_id", HTTP_TEXT, HTTP_REQUIRED, "as /request told it"}, {NULL}};
static const struct http_answer begun_answers[] = {{200, "it is asked for", begun_members}, {0}};
static const struct http_answer result_answers[] = {
    {200, "how it stands, and what is there by now", operator_result_members}, {0}};

const struct route portal_process_routes[] = {
    {.method = HTTP_POST,
     .path = "/request",
     .access = &operator_with_token,
     .body = wish_members,
     .handle = post_request,
     .operation = "requestSelfPersonalData",
     .summary = "Ask for what somebody consented to (the published IF001-04)",
     .answers = begun_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.method = HTTP_POST,
     .path = "/result",
     .access = &operator_with_token,
     .body = which_members,
     .handle = post_result,
     .operation = "getSelfPersonalData",
     .summary = "Read what has come (the published IF001-06)",
     .answers = result_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.path = NULL},
};
