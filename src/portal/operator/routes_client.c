/* SPDX-License-Identifier: Apache-2.0 */
/* At the operators' door: services apply, see what was decided, and leave. */
#include "portal/operator/routes.h"

#include "exchange/exchange.h"
#include "portal/gateway/door.h"
#include "portal/operator/auth.h"
#include "portal/operator/waiting.h"
#include "portal/portal.h"

#include <string.h>

static struct audit_origin by_stranger(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "operator", "applicant", call->request.trace_id);
}

/* Whose application it is: its own alone. */
static int find_own(const struct http_call *call, const char *id, struct operator_client *ret,
                    struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct portal *portal = call->context;
    const char *field = http_header(&call->request, "Authorization");

    if (field == NULL || strncmp(field, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "Authorization: Bearer and the token of the application");
    return operator_get_own(portal_store_db(portal->store), id, field + strlen(scheme), ret, err);
}

static int find(const struct http_call *call, struct operator_client *ret, struct err *err)
{
    return find_own(call, http_param(&call->request, "id"), ret, err);
}

/*
 * Whoever applies for production is who applied for its test: the token of that is the initial
 * access token (RFC 7591, 3).
 */
static int check_test_client(const struct http_call *call, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    const char *id;

    if (!json_has(call->request.json, "test_client"))
        return 0;
    TRY(json_get_text(call->request.json, "test_client", &id, err));
    TRY(find_own(call, id, &client, err));
    if (operator_is_production(&client))
        return FAIL(err, ERR_INPUT, "test_client: that one is in production itself");
    return 0;
}

/* What nobody has is nobody's to ask for; a portal without an exchange does not know what there is.
 */
static int check_infos(const struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct json *infos = NULL;

    if (portal->exchange == NULL || !json_has(call->request.json, "infos"))
        return 0;
    TRY(json_get_array(call->request.json, "infos", &infos, err));
    for (size_t i = 0; i < json_count(infos); i++) {
        const char *info = json_text(json_at(infos, i));

        if (tables_info(portal->exchange->tables, info) == NULL)
            return FAIL(err, ERR_INPUT, "infos: there is no %s", info);
    }
    return 0;
}

static void applied_done(struct operator_applied *applied)
{
    operator_client_done(&applied->client);
}

static int post_client(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = by_stranger(call);
    CLEANUP(applied_done) struct operator_applied applied = {.secret = ""};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct operator_application application = {.metadata = call->request.json};
    char requester[OPERATOR_REQUESTER_SIZE];
    struct digest shown;

    TRY(check_test_client(call, err));
    TRY(check_infos(call, err));
    operator_requester(call, requester);
    application.requester = requester;
    if (door_certificate(call, &shown, NULL) == 0)
        application.certificate = &shown;
    TRY(operator_apply(portal_store_db(portal->store), &application, &by, &applied, err));
    TRY(json_put_text(body, "client_id", applied.client.id, err));
    TRY(json_put_text(body, "state", operator_states[applied.client.state], err));
    TRY(json_put_text(body, "registration_access_token", applied.secret, err));
    TRY(json_put_int(body, "confirm_until", by.at + OPERATOR_CONFIRM_SECONDS, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int get_client(struct http_call *call, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(json_freep) struct json *body = NULL;

    TRY(find(call, &client, err));
    TRY(operator_tell(&client, &body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_confirmation(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    const char *assertion = NULL;
    struct audit_origin by;

    TRY(find(call, &client, err));
    if (json_has(call->request.json, "client_assertion"))
        TRY(json_get_text(call->request.json, "client_assertion", &assertion, err));
    TRY(operator_prove(call, &client, assertion, err));
    by = audit_by_role(clock_now(portal->clock), "operator", client.id, call->request.trace_id);
    TRY(operator_waiting_confirm(portal_store_db(portal->store), client.id, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int delete_client(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    static const struct operator_decision left = {OPERATOR_ENDED, "the service left", NULL};
    struct audit_origin by;

    TRY(find(call, &client, err));
    by = audit_by_role(clock_now(portal->clock), "operator", client.id, call->request.trace_id);
    TRY(operator_decide(portal_store_db(portal->store), client.id, &left, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int check_own(const struct http_call *call, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};

    return find(call, &client, err);
}

static const struct http_access own = {
    "operator-application", check_own,
    "With the registration_access_token of the service: Authorization: Bearer TOKEN.",
    .is_bearer = true};

static const struct http_member applied_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "what the service is called",
     .form = &operator_id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "applied: it waits for its review",
     .values = operator_states},
    {"registration_access_token", HTTP_TEXT, HTTP_REQUIRED,
     "to see what was decided, told this once (RFC 7592)", .form = &portal_secret_form},
    {"confirm_until", HTTP_INT, HTTP_REQUIRED,
     "from when on it is gone unless it was confirmed or decided, UTC seconds"},
    {NULL},
};
static const struct http_answer applied_answers[] = {{201, "the application", applied_members},
                                                     {0}};
static const struct http_member proof_members[] = {
    {"client_assertion", HTTP_TEXT, HTTP_OPTIONAL, "with private_key_jwt, as at /oauth/token"},
    {NULL},
};
static const struct http_answer confirmed_answers[] = {{204, "it waits for its review"}, {0}};
static const struct http_answer own_answers[] = {{200, "the service", operator_members}, {0}};
static const struct http_answer left_answers[] = {{204, "it is no service any more"}, {0}};

const struct route portal_operator_client_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/clients",
     .access = &http_anyone,
     .body = operator_metadata_members,
     .handle = post_client,
     .operation = "applyAsClient",
     .summary = "Apply with a service, with the certificate that it will show",
     .answers = applied_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/clients/:id",
     .access = &own,
     .handle = get_client,
     .operation = "getOwnClient",
     .summary = "Read what was applied for, and what was decided",
     .answers = own_answers},
    {.method = HTTP_POST,
     .path = "/v1/clients/:id/confirmation",
     .access = &own,
     .body = proof_members,
     .handle = post_confirmation,
     .operation = "confirmOwnClient",
     .summary = "Confirm the application by what the service will prove itself with",
     .answers = confirmed_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/clients/:id",
     .access = &own,
     .handle = delete_client,
     .operation = "endOwnClient",
     .summary = "Leave: the service ends",
     .answers = left_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
