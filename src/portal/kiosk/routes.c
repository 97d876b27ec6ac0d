/* SPDX-License-Identifier: Apache-2.0 */
/* For kiosks: an order, its card, the certificate, the money, the paper. */
#include "portal/routes.h"

#include "exchange/tsv.h"
#include "portal/eligibility/judge.h"
#include "portal/kiosk/facts.h"
#include "portal/kiosk/issue.h"

#include <stdio.h>

/* The terminal that asks, and its order. */
struct asked {
    struct db *db;
    struct kiosk_terminal terminal;
    struct audit_origin by;
    struct kiosk_order order;
};

static void asked_done(struct asked *asked)
{
    kiosk_order_done(&asked->order);
}

static int begin(struct http_call *call, struct asked *ret, struct err *err)
{
    const struct portal *portal = call->context;

    ret->db = portal_store_db(portal->store);
    TRY(kiosk_bearer(call, &ret->terminal, err));
    ret->by = kiosk_by(call, &ret->terminal);
    return 0;
}

static int look(struct http_call *call, struct asked *asked, struct err *err)
{
    return kiosk_order_get(asked->db, asked->terminal.id, http_param(&call->request, "id"),
                           &asked->order, err);
}

static int find(struct http_call *call, struct asked *ret, struct err *err)
{
    TRY(begin(call, ret, err));
    return look(call, ret, err);
}

/* An order that nobody paid for ends by itself. */
static int find_in_time(struct http_call *call, struct asked *ret, struct err *err)
{
    TRY(find(call, ret, err));
    if (ret->order.state < KIOSK_IS_PAID && ret->by.at > ret->order.made_at + KIOSK_ORDER_SECONDS)
        return FAIL(err, ERR_ABSENT, "the %d seconds of this order are over; begin again",
                    KIOSK_ORDER_SECONDS);
    return 0;
}

/* ---- what is told ---- */

/* For whom: facts NULL while nothing is to be chosen any more. */
struct customer {
    const struct kiosk_facts *facts;
    int64_t now;
};

static int put_refusal(const struct kiosk_facts *facts, enum kiosk_kind kind, struct json *item,
                       struct err *err)
{
    const enum kiosk_refusal refusal = facts == NULL ? KIOSK_NOT_REFUSED
                                                     : kiosk_facts_judge(facts, kind, 0);

    return refusal == KIOSK_NOT_REFUSED
               ? 0
               : json_put_text(item, "refused", kiosk_refusals[refusal], err);
}

static int put_offer(const struct portal *portal, const struct kiosk_offer *offer,
                     const struct customer *customer, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    const bool is_open = kiosk_table_is_open(portal->kiosk, offer, customer->now);

    TRY(json_put_text(item, "kind", kiosk_kinds[offer->kind], err));
    TRY(json_put_text(item, "name", kiosk_names_ja[offer->kind], err));
    TRY(json_put_text(item, "name_en", kiosk_names_en[offer->kind], err));
    TRY(json_put_int(item, "fee", offer->fee, err));
    TRY(json_put_bool(item, "is_open", is_open, err));
    TRY(put_refusal(customer->facts, offer->kind, item, err));
    return json_add(list, json_steal(&item), err);
}

static int put_offers(const struct portal *portal, const struct asked *asked, struct json *body,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(kiosk_facts_done) struct kiosk_facts facts = {.tax = NULL};
    const bool may_choose = asked->order.state == KIOSK_IS_SHOWN ||
                            asked->order.state == KIOSK_IS_CHOSEN;
    const struct customer customer = {may_choose ? &facts : NULL, asked->by.at};

    if (may_choose)
        TRY(kiosk_facts_read(portal, &asked->order, &facts, err));
    for (unsigned kind = 0; kind < KIOSK_KINDS_; kind++) {
        const struct kiosk_offer *offer = kiosk_table_find(portal->kiosk, asked->order.municipality,
                                                           (enum kiosk_kind)kind);

        if (offer != NULL)
            TRY(put_offer(portal, offer, &customer, list, err));
    }
    return json_put(body, "certificates", json_steal(&list), err);
}

static int put_items(unsigned items, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; kiosk_items[i] != NULL; i++)
        if ((items & 1U << i) != 0)
            TRY(json_add_text(list, kiosk_items[i], err));
    return json_put(body, "items", json_steal(&list), err);
}

static int put_choice(const struct kiosk_order *order, struct json *body, struct err *err)
{
    if (order->has_choice) {
        TRY(json_put_text(body, "kind", kiosk_kinds[order->kind], err));
        TRY(put_items(order->items, body, err));
        TRY(json_put_int(body, "fee", order->fee, err));
    }
    if (order->payment[0] != '\0')
        TRY(json_put_text(body, "payment", order->payment, err));
    if (order->number[0] != '\0')
        TRY(json_put_text(body, "number", order->number, err));
    return 0;
}

static int reply(struct http_call *call, struct asked *asked, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    kiosk_order_done(&asked->order);
    TRY(look(call, asked, err));
    TRY(json_put_text(body, "id", asked->order.id, err));
    TRY(json_put_text(body, "state", kiosk_states[asked->order.state], err));
    TRY(put_offers(call->context, asked, body, err));
    TRY(put_choice(&asked->order, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- steps ---- */

static int put_provider(const struct portal *portal, const struct kiosk_terminal *terminal,
                        struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();

    TRY(json_put_text(provider, "client_id", terminal->id, err));
    TRY(json_put_text(provider, "name", terminal->name, err));
    TRY(json_put_text(provider, "origin", portal->origin, err));
    return json_put(body, "provider", json_steal(&provider), err);
}

static int post_order(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};

    TRY(begin(call, &asked, err));
    TRY(kiosk_order_open(asked.db, &asked.terminal, asked.by.at, &asked.order, err));
    TRY(json_put_text(body, "session", asked.order.id, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(asked.order.nonce), err));
    TRY(json_put_int(body, "expires_at", asked.order.made_at + KIOSK_CARD_SECONDS, err));
    TRY(put_provider(portal, &asked.terminal, body, err));
    TRY(eligibility_put_issuers(portal, body, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int get_order(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};

    TRY(begin(call, &asked, err));
    return reply(call, &asked, err);
}

static int post_card(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};
    struct kiosk_proof proof;

    TRY(find(call, &asked, err));
    TRY(json_get_text(call->request.json, "certificate", &proof.certificate, err));
    TRY(json_get_text(call->request.json, "signature", &proof.signature, err));
    TRY(kiosk_show(call->context, &asked.order, &proof, &asked.by, err));
    return reply(call, &asked, err);
}

static int read_items(const struct json *json, unsigned *ret, struct err *err)
{
    const struct json *list;

    *ret = 0;
    if (!json_has(json, "items"))
        return 0;
    TRY(json_get_array(json, "items", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i));
        unsigned place;

        TRY(tsv_word(text == NULL ? "" : text, kiosk_items, "an item", &place, err));
        *ret |= 1U << place;
    }
    return 0;
}

static int post_choice(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};
    struct kiosk_choice choice;
    const char *name;

    TRY(find_in_time(call, &asked, err));
    TRY(json_get_text(call->request.json, "kind", &name, err));
    TRY(kiosk_kind_read(name, &choice.kind, err));
    TRY(read_items(call->request.json, &choice.items, err));
    TRY(kiosk_choose(call->context, &asked.order, &choice, &asked.by, err));
    return reply(call, &asked, err);
}

/* The machine keeps exactly the fee: change is its own business. */
static int post_payment(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};
    const char *payment;
    int64_t amount;

    TRY(find_in_time(call, &asked, err));
    TRY(json_get_text(call->request.json, "payment", &payment, err));
    TRY(json_get_int(call->request.json, "amount", &amount, err));
    if (!asked.order.has_choice)
        return FAIL(err, ERR_CONFLICT, "no certificate was chosen");
    if (amount != asked.order.fee)
        return FAIL(err, ERR_INPUT, "the fee is another");
    TRY(kiosk_order_pay(asked.db, &asked.order, payment, &asked.by, err));
    return reply(call, &asked, err);
}

/* Whoever asks again has the same one. */
static int post_document(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};
    struct err why = {0};
    int rc;

    TRY(find(call, &asked, err));
    if (asked.order.state == KIOSK_IS_ISSUED)
        return reply(call, &asked, err);
    rc = kiosk_issue(call->context, &asked.order, &asked.by, &why);
    kiosk_order_done(&asked.order);
    TRY(look(call, &asked, err));
    if (rc < 0 && asked.order.state != KIOSK_IS_ISSUED) /* else another call of it was first */
        return err_copy(err, &why);
    return reply(call, &asked, err);
}

static int get_document(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};

    TRY(find(call, &asked, err));
    if (asked.order.state != KIOSK_IS_ISSUED)
        return FAIL(err, ERR_ABSENT, "there is no document of this order, or none any more");
    http_reply_buf(&call->response, 200, "application/pdf", &asked.order.document);
    return 0;
}

static int post_printed(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};

    TRY(find(call, &asked, err));
    TRY(kiosk_order_finish(asked.db, &asked.order, &asked.by, err));
    return reply(call, &asked, err);
}

static int post_cancellation(struct http_call *call, struct err *err)
{
    CLEANUP(asked_done) struct asked asked = {.order = KIOSK_ORDER_INIT};

    TRY(find(call, &asked, err));
    TRY(kiosk_order_cancel(asked.db, &asked.order, &asked.by, err));
    return reply(call, &asked, err);
}

/* ---- words ---- */

static const struct http_form issuer_form = {"^[0-9a-f]{40}$", "a key identifier in hexadecimal"};
static const struct http_form item_form = {"^(head|origin)$", "head or origin"};
static const struct http_form payment_form = {"^[A-Za-z0-9_-]{16,43}$",
                                              "16 to 43 letters, digits, - and _"};
static const struct http_form number_form = {"^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$",
                                             "four groups of four letters and digits"};

static const struct http_member nothing[] = {{NULL}};
static const struct http_member provider_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the terminal"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "of the portal"},
    {NULL},
};
static const struct http_member opened_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the order", .form = &portal_id_form},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "32 octets", .form = &http_form_base64},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds, for the card"},
    {"provider", HTTP_OBJECT, HTTP_REQUIRED, "for what the card signs", provider_members},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards count",
     .form = &issuer_form},
    {NULL},
};
static const struct http_member card_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "auth certificate: compact JWE for the platform"},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "by its key, over the message of the order",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member offer_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of certificate", .values = kiosk_kinds},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"fee", HTTP_INT, HTTP_REQUIRED, "yen"},
    {"is_open", HTTP_BOOL, HTTP_REQUIRED, "whether it is given at this hour"},
    {"refused", HTTP_TEXT, HTTP_OPTIONAL, "why this person does not get it",
     .values = kiosk_refusals + 1},
    {NULL},
};
static const struct http_member order_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the order", .form = &portal_id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = kiosk_states},
    {"certificates", HTTP_ARRAY, HTTP_REQUIRED,
     "what the person's municipality gives, once a card was shown", offer_members},
    {"kind", HTTP_TEXT, HTTP_OPTIONAL, "what was chosen", .values = kiosk_kinds},
    {"items", HTTP_ARRAY, HTTP_OPTIONAL, "what else stands on it", .form = &item_form},
    {"fee", HTTP_INT, HTTP_OPTIONAL, "yen"},
    {"payment", HTTP_TEXT, HTTP_OPTIONAL, "what it was paid with"},
    {"number", HTTP_TEXT, HTTP_OPTIONAL, "of the certificate", .form = &number_form},
    {NULL},
};
static const struct http_member choice_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of certificate", .values = kiosk_kinds},
    {"items", HTTP_ARRAY, HTTP_OPTIONAL, "what else is to stand on a copy of the resident record",
     .form = &item_form},
    {NULL}};
static const struct http_member payment_members[] = {
    {"payment", HTTP_TEXT, HTTP_REQUIRED, "what the coin box calls it", .form = &payment_form},
    {"amount", HTTP_INT, HTTP_REQUIRED, "yen that are kept: the fee"},
    {NULL},
};
static const struct http_answer opened_answers[] = {
    {201, "what the card is to sign", opened_members}, {0}};
static const struct http_answer order_answers[] = {{200, "the order", order_members}, {0}};
static const struct http_answer document_answers[] = {
    {200, "the certificate, for the printer", NULL, "application/pdf"}, {0}};

#define ONE        "/v1/kiosk/orders/:id"
#define STEP_FAILS (HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE))

const struct route portal_kiosk_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/kiosk/orders",
     .access = &portal_kiosk,
     .body = nothing,
     .handle = post_order,
     .operation = "openKioskOrder",
     .summary = "Begin an order at a kiosk",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = ONE,
     .access = &portal_kiosk,
     .handle = get_order,
     .operation = "getKioskOrder",
     .summary = "Read how far an order of this kiosk is",
     .answers = order_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = ONE "/card",
     .access = &portal_kiosk,
     .body = card_members,
     .handle = post_card,
     .operation = "showKioskCard",
     .summary = "Show the card for an order",
     .answers = order_answers,
     .fails = STEP_FAILS | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = ONE "/choice",
     .access = &portal_kiosk,
     .body = choice_members,
     .handle = post_choice,
     .operation = "chooseKioskCertificate",
     .summary = "Choose a certificate, until it is paid for",
     .answers = order_answers,
     .fails = STEP_FAILS},
    {.method = HTTP_POST,
     .path = ONE "/payment",
     .access = &portal_kiosk,
     .body = payment_members,
     .handle = post_payment,
     .operation = "payKioskOrder",
     .summary = "Say that the fee was paid, once for each payment",
     .answers = order_answers,
     .fails = STEP_FAILS},
    {.method = HTTP_POST,
     .path = ONE "/document",
     .access = &portal_kiosk,
     .body = nothing,
     .handle = post_document,
     .operation = "issueKioskDocument",
     .summary = "Have the one document of a paid order made",
     .answers = order_answers,
     .fails = STEP_FAILS},
    {.method = HTTP_GET,
     .path = ONE "/document",
     .access = &portal_kiosk,
     .handle = get_document,
     .operation = "getKioskDocument",
     .summary = "Get the document of an order, until it is printed",
     .answers = document_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = ONE "/printed",
     .access = &portal_kiosk,
     .body = nothing,
     .handle = post_printed,
     .operation = "finishKioskOrder",
     .summary = "Say that the paper is in somebody's hand",
     .answers = order_answers,
     .fails = STEP_FAILS},
    {.method = HTTP_POST,
     .path = ONE "/cancellation",
     .access = &portal_kiosk,
     .body = nothing,
     .handle = post_cancellation,
     .operation = "cancelKioskOrder",
     .summary = "End an order; the money goes back, and paper of it is void",
     .answers = order_answers,
     .fails = STEP_FAILS},
    {.path = NULL},
};
