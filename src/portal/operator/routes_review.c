/* SPDX-License-Identifier: Apache-2.0 */
/* For the portal's operator: which services there are, and what becomes of them. */
#include "portal/operator/routes.h"

#include <string.h>
#include <unistd.h>

int operator_tell(const struct operator_client *client, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    struct json *copy;

    TRY(json_put_text(told, "client_id", client->id, err));
    TRY(json_put_text(told, "state", operator_states[client->state], err));
    TRY(json_put_text(told, "reason", client->reason, err));
    TRY(json_put_bool(told, "has_certificate", client->has_certificate, err));
    TRY(json_put_int(told, "made_at", client->made_at, err));
    TRY(json_put_int(told, "changed_at", client->changed_at, err));
    TRY(client->confirmed_at == 0 ? json_put_null(told, "confirmed_at", err)
                                  : json_put_int(told, "confirmed_at", client->confirmed_at, err));
    if (client->verdicts == NULL) {
        TRY(json_put_null(told, "verdicts", err));
    } else {
        TRY(json_duplicate(client->verdicts, &copy, err));
        TRY(json_put(told, "verdicts", copy, err));
    }
    TRY(json_duplicate(client->metadata, &copy, err));
    TRY(json_put(told, "metadata", copy, err));
    *ret = json_steal(&told);
    return 0;
}

static int read_state(const char *word, int *ret, struct err *err)
{
    for (int i = 0; word != NULL && i < OPERATOR_STATES_; i++) {
        if (strcmp(operator_states[i], word) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "state is none of the words it may be");
}

static void free_all(struct operator_client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        operator_client_done(&clients[i]);
}

static int tell_all(const struct operator_client *clients, size_t count, struct json *list,
                    struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct json *told;

        TRY(operator_tell(&clients[i], &told, err));
        TRY(json_add(list, told, err));
    }
    return 0;
}

static int get_operators(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *after = http_query(&call->request, "after");
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct operator_client clients[OPERATOR_PAGE_MAX];
    size_t count;
    int state = -1;
    int rc;

    if (http_query(&call->request, "state") != NULL)
        TRY(read_state(http_query(&call->request, "state"), &state, err));
    TRY(operator_list(portal_store_db(portal->store), state, after == NULL ? "" : after, clients,
                      &count, err));
    rc = tell_all(clients, count, list, err);
    if (rc == 0)
        rc = json_put_optional(body, "next",
                               count < OPERATOR_PAGE_MAX ? NULL : clients[count - 1].id, err);
    free_all(clients, count);
    TRY(rc);
    TRY(json_put(body, "operators", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int tell_one(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    struct json *body;

    TRY(operator_get(portal_store_db(portal->store), http_param(&call->request, "id"), &client,
                     err));
    TRY(operator_tell(&client, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int put_state(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(portal->clock), call->request.peer.cred.uid, call->request.trace_id);
    struct operator_decision decision = {.reason = ""};
    const char *word;
    int state;

    TRY(json_get_text(call->request.json, "state", &word, err));
    TRY(read_state(word, &state, err));
    if (json_has(call->request.json, "reason"))
        TRY(json_get_text(call->request.json, "reason", &decision.reason, err));
    if (json_has(call->request.json, "verdicts"))
        TRY(json_get_object(call->request.json, "verdicts", &decision.verdicts, err));
    decision.state = (enum operator_state)state;
    TRY(operator_decide(portal_store_db(portal->store), http_param(&call->request, "id"), &decision,
                        &by, err));
    return tell_one(call, err);
}

/* ---- words ---- */

const struct http_member operator_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "what it is called", .form = &operator_id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how it stands", .values = operator_states},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "of the last decision; may be empty"},
    {"verdicts", HTTP_OBJECT, HTTP_OR_NULL, "of its review; null: nobody gave any",
     operator_verdict_members},
    {"has_certificate", HTTP_BOOL, HTTP_REQUIRED, "whether it has shown one when it applied"},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "when it applied, UTC seconds"},
    {"changed_at", HTTP_INT, HTTP_REQUIRED, "when that was decided"},
    {"confirmed_at", HTTP_INT, HTTP_OR_NULL,
     "when it was confirmed; null: it was not, and an application goes by itself after a day"},
    {"metadata", HTTP_OBJECT, HTTP_REQUIRED, "what it applied with", operator_metadata_members},
    {NULL},
};
static const struct http_member list_query[] = {
    {"state", HTTP_TEXT, HTTP_OPTIONAL, "those alone that stand so", .values = operator_states},
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "the next of the page before", .form = &operator_id_form},
    {NULL},
};
static const struct http_member list_members[] = {
    {"operators", HTTP_ARRAY, HTTP_REQUIRED, "by what they are called", operator_members},
    {"next", HTTP_TEXT, HTTP_OR_NULL, "for after; null: there are no more",
     .form = &operator_id_form},
    {NULL},
};
static const struct http_member decision_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what it is to be", .values = operator_states},
    {"reason", HTTP_TEXT, HTTP_OPTIONAL, "why; for an approval it may be missing"},
    {"verdicts", HTTP_OBJECT, HTTP_OPTIONAL,
     "of the review of who applied: all met for an approval, one at least not for a refusal",
     operator_verdict_members},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "services", list_members}, {0}};
static const struct http_answer one_answers[] = {{200, "the service", operator_members}, {0}};

const struct route portal_operator_review_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/operators",
     .access = &audit_operator,
     .handle = get_operators,
     .operation = "listOperators",
     .summary = "List the services that applied",
     .query = list_query,
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = "/v1/operators/:id",
     .access = &audit_operator,
     .handle = tell_one,
     .operation = "getOperator",
     .summary = "Read what a service applied with",
     .answers = one_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_PUT,
     .path = "/v1/operators/:id/state",
     .access = &audit_operator,
     .body = decision_members,
     .handle = put_state,
     .operation = "decideOperator",
     .summary = "Approve, refuse, suspend or end a service",
     .answers = one_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
