/* SPDX-License-Identifier: Apache-2.0 */
/* Where the verifier stands that asks: whoever is suspended or unknown is told nothing at all. */
#include "authority/party/routes_asked.h"

static int post_standing(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin", "act", "at", "nonce", "request_id", NULL};
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct party *party = &asked.request.party;

    TRY(asked_read(call, "standing", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(json_put_text(body, "name", party->name, err));
    TRY(json_put_text(body, "role", party_roles[party->role], err));
    TRY(json_put_text(body, "state", party_states[party_state_of(party)], err));
    TRY(json_put_bool(body, "sign", party->verifies[CA_SIGN], err));
    TRY(json_put_bool(body, "auth", party->verifies[CA_AUTH], err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_services(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin", "act", "at", "nonce", "request_id", NULL};
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    struct json *body;

    TRY(asked_read(call, "services", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(authority_list_services(authority->store, asked.request.party.name, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_member standing_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &authority_request_id},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "what it is"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "where it stands: active, or it would not be answered"},
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it may ask about sign certificates"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it may ask about auth certificates"},
    {NULL},
};
static const struct http_answer standing_answers[] = {{200, "its registration", standing_members},
                                                      {0}};

static const struct http_form polling_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_member service_members[] = {
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &authority_request_id},
    {"provider_title", HTTP_TEXT, HTTP_REQUIRED, "as people know it"},
    {"service", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &authority_request_id},
    {"service_title", HTTP_TEXT, HTTP_REQUIRED, "as people know it"},
    {"polling_id", HTTP_TEXT, HTTP_REQUIRED, "to ask for changes of the provider's consents",
     .form = &polling_form},
    {"notified_at", HTTP_INT, HTTP_REQUIRED, "since when it is verified for"},
    {"ended_at", HTTP_INT, HTTP_OR_NULL, "when that ended"},
    {NULL},
};
static const struct http_member services_members[] = {
    {"services", HTTP_ARRAY, HTTP_REQUIRED, "by provider and name", service_members},
    {NULL},
};
static const struct http_answer services_answers[] = {
    {200, "what notice was given of", services_members}, {0}};

const struct route authority_standing_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifier/standing",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_standing,
     .operation = "askStanding",
     .summary = "Act standing: ask for one's own registration",
     .answers = standing_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/verifier/services",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_services,
     .operation = "askServices",
     .summary = "Act services: ask for whom notice was given",
     .answers = services_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
