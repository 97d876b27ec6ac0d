/* SPDX-License-Identifier: Apache-2.0 */
/* Cards in JSON and back. */
#include "register/routes.h"

#include "register/clerk_store.h"
#include "register/filing_store.h"
#include "register/sight.h"

static int put_card(struct json *body, const struct card *card, struct err *err)
{
    char time[CALTIME_TEXT_SIZE];

    TRY(json_put_text(body, "id", card->serial, err));
    TRY(json_put_text(body, "serial", card->serial, err));
    TRY(json_put_text(body, "resident", card->resident, err));
    TRY(json_put_text(body, "state", card_state_name(card->state), err));
    TRY(json_put_text(body, "security_code", card->security_code, err));
    TRY(json_put_text(body, "window_id", card->window_id, err));
    caltime_format(card->issued_at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(body, "issued_at", time, err));
    TRY(register_put_date(body, "expires_on", card->expires_on, err));
    return register_put_date(body, "lapses_after", card->lapses_after, err);
}

static int card_reply(struct http_call *call, unsigned status, const struct card *card,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put_card(body, card, err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
}

static int put_certificates(const struct counter *counter, const char *serial, struct json *body,
                            struct err *err)
{
    CLEANUP(json_freep) struct json *certificates = json_object_new();
    enum cert_standing standings[CERT_KINDS_];

    TRY(register_get_certificates(counter->store, serial, clock_now(counter->clock), standings,
                                  err));
    for (int kind = 0; kind < CERT_KINDS_; kind++)
        TRY(json_put_text(certificates, cert_kind_name((enum cert_kind)kind),
                          cert_standing_names[standings[kind]], err));
    return json_put(body, "certificates", json_steal(&certificates), err);
}

static int post_card(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    const struct audit_origin by = register_caller(call);
    struct card_entry entry = {.by = &by};
    struct card card;
    bool is_new;

    TRY(json_get_text(json, "resident", &entry.resident, err));
    TRY(json_get_text(json, "serial", &entry.serial, err));
    if (json_has(json, "further"))
        TRY(json_get_bool(json, "further", &entry.is_further, err));
    TRY(counter_add_card(call->context, &entry, &card, &is_new, err));
    return card_reply(call, is_new ? 201 : 200, &card, err);
}

static int get_card(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct card card;

    TRY(sight_card(call, http_param(&call->request, "id"), &card, err));
    TRY(put_card(body, &card, err));
    TRY(put_certificates(counter, card.serial, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_activation(struct http_call *call, struct err *err)
{
    const struct audit_origin by = register_caller(call);
    struct card card;

    TRY(counter_activate_card(call->context, http_param(&call->request, "id"), &by, &card, err));
    return card_reply(call, 200, &card, err);
}

/* Who signed for an act: the clerk, and the number of the certificate that did. */
static int put_clerk(struct json *entry, struct register_store *store, const char *act,
                     struct err *err)
{
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    struct clerk clerk;
    int rc = act[0] == '\0' ? -ERR_ABSENT : register_find_signed_act(store, act, &filing, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(register_get_clerk(store, filing.clerk, &clerk, err));
    TRY(json_put_text(entry, "clerk", filing.clerk, err));
    TRY(json_put_text(entry, "clerk_name", clerk.name, err));
    TRY(json_put_text(entry, "clerk_issuer", filing.card.issuer, err));
    return json_put_int(entry, "clerk_serial", filing.card.serial, err);
}

static int add_step(struct json *steps, const struct card_step *step, struct register_store *store,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();
    char time[CALTIME_TEXT_SIZE];

    caltime_format(step->at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(entry, "at", time, err));
    TRY(json_put_text(entry, "state", card_state_name(step->state), err));
    TRY(json_put_text(entry, "act", step->act, err));
    TRY(put_clerk(entry, store, step->act, err));
    return json_add(steps, json_steal(&entry), err);
}

/* A card has a handful of steps; each is asked for by itself. */
static int get_history(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *steps = json_array_new();
    struct card_step step;
    struct card card;
    int rc;

    TRY(sight_card(call, http_param(&call->request, "id"), &card, err));
    for (unsigned i = 0;; i++) {
        rc = register_get_card_step(counter->store, card.serial, i, &step, err);
        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        TRY(add_step(steps, &step, counter->store, err));
    }
    TRY(json_put(body, "steps", json_steal(&steps), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form security_form = {"^[0-9]{4}$", "four digits"};
static const struct http_form window_form = {"^[0-9]{5}[0-9A-Z]{4}$",
                                             "code of the municipality, four characters"};

static const struct http_member assign_members[] = {
    {"resident", HTTP_TEXT, HTTP_REQUIRED, "whose card it becomes"},
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "of a blank card", .form = &register_serial_form},
    {"further", HTTP_BOOL, HTTP_OPTIONAL, "beside another card; for test residents alone"},
    {NULL},
};
/* clang-format off */
#define CARD_MEMBERS                                                                               \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &register_serial_form},                 \
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &register_serial_form},             \
    {"resident", HTTP_TEXT, HTTP_REQUIRED, "whose card it is"},                                    \
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = card_state_names},              \
    {"security_code", HTTP_TEXT, HTTP_REQUIRED, "printed under the photo", .form = &security_form},\
    {"window_id", HTTP_TEXT, HTTP_REQUIRED, "the counter", .form = &window_form},                  \
    {"issued_at", HTTP_TEXT, HTTP_REQUIRED, "when it was assigned", .form = &http_form_time},      \
    {"expires_on", HTTP_TEXT, HTTP_REQUIRED, "its last day", .form = &http_form_date},             \
    {"lapses_after", HTTP_TEXT, HTTP_OPTIONAL, "the last day to bring it after a move",            \
     .form = &http_form_date}
/* clang-format on */
static const struct http_member card_members[] = {CARD_MEMBERS, {NULL}};
static const struct http_member standing_members[] = {
    {"sign", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = cert_standing_names},
    {"auth", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = cert_standing_names},
    {NULL},
};
static const struct http_member known_members[] = {
    CARD_MEMBERS,
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "those that count", standing_members},
    {NULL},
};
static const struct http_answer assigned_answers[] = {
    {201, "the card is assigned", card_members},
    {200, "it was assigned to this resident before", card_members},
    {0},
};
static const struct http_answer card_answers[] = {{200, "the card", card_members}, {0}};
static const struct http_answer known_answers[] = {{200, "the card", known_members}, {0}};

static const struct http_member step_members[] = {
    {"at", HTTP_TEXT, HTTP_REQUIRED, "when", .form = &http_form_time},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what it came to", .values = card_state_names},
    {"act", HTTP_TEXT, HTTP_REQUIRED, "request_id of the act; empty: made or handed over"},
    {"clerk", HTTP_TEXT, HTTP_OPTIONAL, "who signed for the act", .form = &register_id_form},
    {"clerk_name", HTTP_TEXT, HTTP_OPTIONAL, "as people call the clerk"},
    {"clerk_issuer", HTTP_TEXT, HTTP_OPTIONAL, "key identifier of the CA of the clerk's card"},
    {"clerk_serial", HTTP_INT, HTTP_OPTIONAL, "number of the card's sign certificate"},
    {NULL},
};
static const struct http_member history_members[] = {
    {"steps", HTTP_ARRAY, HTTP_REQUIRED, "the states it came to, in order", step_members},
    {NULL},
};
static const struct http_answer history_answers[] = {{200, "its history", history_members}, {0}};

const struct route register_card_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/cards/:id",
     .access = &register_clerk,
     .handle = get_card,
     .operation = "getCard",
     .summary = "Read what is recorded of a card",
     .answers = known_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_GET,
     .path = "/v1/cards/:id/history",
     .access = &register_clerk,
     .handle = get_history,
     .operation = "getCardHistory",
     .summary = "Read which states a card came to, and when",
     .answers = history_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

const struct route register_card_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/cards",
     .access = &register_signed,
     .body = assign_members,
     .handle = post_card,
     .operation = "assignCard",
     .summary = "Assign a blank card to a resident",
     .answers = assigned_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/activation",
     .access = &register_signed,
     .handle = post_activation,
     .operation = "activateCard",
     .summary = "Hand a card over",
     .answers = card_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
