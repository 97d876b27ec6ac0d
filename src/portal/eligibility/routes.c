/* SPDX-License-Identifier: Apache-2.0 */
/* For terminals of clinics: a lookup, the card that is shown for it, what may be read besides. */
#include "portal/routes.h"

#include "exchange/exchange.h"
#include "portal/eligibility/check.h"

#include <string.h>

/* The terminal that asks, and what it asks about. */
struct asked {
    struct db *db;
    struct clinic_key terminal;
    struct audit_origin by;
    struct lookup lookup;
};

static int begin(struct http_call *call, struct asked *ret, struct err *err)
{
    const struct portal *portal = call->context;

    ret->db = portal_store_db(portal->store);
    TRY(clinic_terminal(call, &ret->terminal, err));
    ret->by = clinic_by(call, &ret->terminal);
    return 0;
}

static int find(struct http_call *call, struct asked *ret, struct err *err)
{
    TRY(begin(call, ret, err));
    return lookup_get(ret->db, ret->terminal.clinic, http_param(&call->request, "id"), &ret->lookup,
                      err);
}

static int get_keys(struct http_call *call, struct err *err)
{
    struct json *body = NULL;

    TRY(eligibility_keys(call->context, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

/* ---- lookups ---- */

static int put_clinic(const struct portal *portal, struct db *db, const char *id, struct json *body,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *provider = json_object_new();
    struct clinic_names names;

    TRY(db_begin_read(db, &txn, err));
    TRY(clinic_names(&txn, id, &names, err));
    TRY(json_put_text(provider, "client_id", id, err));
    TRY(json_put_text(provider, "name", names.ja, err));
    TRY(json_put_text(provider, "origin", portal->origin, err));
    return json_put(body, "provider", json_steal(&provider), err);
}

static int post_lookup(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct asked asked;

    TRY(begin(call, &asked, err));
    TRY(lookup_open(asked.db, &asked.terminal, asked.by.at, &asked.lookup, err));
    TRY(json_put_text(body, "session", asked.lookup.id, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(asked.lookup.nonce), err));
    TRY(json_put_int(body, "expires_at", asked.lookup.expires_at, err));
    TRY(put_clinic(portal, asked.db, asked.terminal.clinic, body, err));
    TRY(eligibility_put_issuers(portal, body, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int reply_answer(struct http_call *call, const struct asked *asked, struct err *err)
{
    struct json *body;

    TRY(check_answer(call->context, &asked->lookup, &asked->by, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_lookup(struct http_call *call, struct err *err)
{
    struct asked asked;

    TRY(find(call, &asked, err));
    return reply_answer(call, &asked, err);
}

static int read_consents(const struct json *json, unsigned *ret, struct err *err)
{
    const struct json *list;

    TRY(json_get_array(json, "consents", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        enum consent_kind kind;

        TRY(consent_kind_of(json_text(json_at(list, i)), &kind, err));
        if ((*ret & 1U << kind) != 0)
            return FAIL(err, ERR_INPUT, "a consent is named twice");
        *ret |= 1U << kind;
    }
    return 0;
}

static int optional_text(const struct json *json, const char *key, const char **ret,
                         struct err *err)
{
    return json_has(json, key) ? json_get_text(json, key, ret, err) : 0;
}

static int post_card(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct check_proof proof = {.consents = 0};
    struct asked asked;

    TRY(find(call, &asked, err));
    TRY(json_get_text(json, "certificate", &proof.certificate, err));
    TRY(optional_text(json, "signature", &proof.signature, err));
    TRY(optional_text(json, "operator_key", &proof.operator_key, err));
    TRY(read_consents(json, &proof.consents, err));
    if (proof.signature != NULL && proof.operator_key != NULL)
        return FAIL(err, ERR_INPUT, "either the card has signed or an operator has compared");
    TRY(check_card(call->context, &asked.lookup, &proof, &asked.by, err));
    TRY(find(call, &asked, err));
    return reply_answer(call, &asked, err);
}

/* ---- readings ---- */

static int reply_reading(struct http_call *call, const struct asked *asked,
                         const struct reading *reading, unsigned status, struct err *err)
{
    struct json *body;

    TRY(check_reading(call->context, asked->terminal.clinic, reading, &asked->by, &body, err));
    return http_reply_json(&call->response, status, body, err);
}

static int post_reading(struct http_call *call, struct err *err)
{
    struct reading reading;
    enum consent_kind kind;
    struct asked asked;
    const char *word;

    TRY(find(call, &asked, err));
    TRY(json_get_text(call->request.json, "kind", &word, err));
    TRY(consent_kind_of(word, &kind, err));
    TRY(check_read(call->context, &asked.lookup, kind, &asked.by, &reading, err));
    return reply_reading(call, &asked, &reading, 201, err);
}

static int get_reading(struct http_call *call, struct err *err)
{
    struct reading reading;
    struct asked asked;

    TRY(begin(call, &asked, err));
    TRY(reading_get(asked.db, asked.terminal.clinic, http_param(&call->request, "id"), asked.by.at,
                    &reading, err));
    return reply_reading(call, &asked, &reading, 200, err);
}

/* ---- words ---- */

static const struct http_form clinic_form = {"^[0-9]{10}$", "ten digits"};
static const struct http_form nonce_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};
static const struct http_form item_form = {"^[0-9]{10}$", "ten digits"};

static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "the family of its algorithm"},
    {"use", HTTP_TEXT, HTTP_OPTIONAL, "what it is for"},
    {"alg", HTTP_TEXT, HTTP_OPTIONAL, "the algorithm"},
    {"kid", HTTP_TEXT, HTTP_OPTIONAL, "its name"},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "modulus"},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "exponent"},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "curve"},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {NULL},
};
static const struct http_member set_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys of the platform", key_members}, {NULL}};
static const struct http_answer set_answers[] = {{200, "keys of the platform", set_members}, {0}};

static const struct http_member clinic_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the clinic's number", .form = &clinic_form},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "this portal's"},
    {NULL},
};
static const struct http_member opened_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the name of the lookup", .form = &portal_id_form},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "for the message that the card signs", .form = &nonce_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to show a card in"},
    {"provider", HTTP_OBJECT, HTTP_REQUIRED, "for whom the card signs", clinic_members},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards can be shown",
     .form = &key_id_form},
    {NULL},
};
static const struct http_answer opened_answers[] = {{201, "it waits for a card", opened_members},
                                                    {0}};

/* Nothing but who asks. */
static const struct http_member opening_members[] = {{NULL}};
static const struct http_member card_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's auth certificate, encrypted to the platform", .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_OPTIONAL,
     "of its auth key over the message of a login whose session is the lookup's name, a dot and "
     "the consents with + between, or none",
     .form = &http_form_base64},
    {"operator_key", HTTP_TEXT, HTTP_OPTIONAL,
     "instead: of whoever compared the person with the photo on the card",
     .form = &portal_secret_form},
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "what the person lets the clinic read",
     .values = consent_kinds},
    {NULL},
};
static const struct http_member insurance_members[] = {
    {"insurer", HTTP_TEXT, HTTP_OR_NULL, "what it is called"},
    {"insurer_number", HTTP_TEXT, HTTP_OR_NULL, "its number"},
    {"symbol", HTTP_TEXT, HTTP_OR_NULL, "the insured person's symbol"},
    {"number", HTTP_TEXT, HTTP_OR_NULL, "and number"},
    {"branch", HTTP_TEXT, HTTP_OR_NULL, "and branch number"},
    {"category", HTTP_TEXT, HTTP_OR_NULL, "the insured person, or one of the family"},
    {"valid_from", HTTP_TEXT, HTTP_OR_NULL, "the first day", .form = &http_form_date},
    {"valid_until", HTTP_TEXT, HTTP_OR_NULL, "the last day; null: none is known",
     .form = &http_form_date},
    {"share_percent", HTTP_INT, HTTP_REQUIRED, "what the person pays of the costs"},
    {"limit_category", HTTP_TEXT, HTTP_OR_NULL, "of the limit of high costs; null: none applies"},
    {NULL},
};
static const struct http_member consent_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what may be read", .values = consent_kinds},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "until when"},
    {NULL},
};
static const char *const shown_methods[] = {"pin", "photo", NULL};
static const struct http_member answer_members[] = {
    {"lookup", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},
    {"method", HTTP_TEXT, HTTP_REQUIRED, "how the person was recognised", .values = shown_methods},
    {"operator", HTTP_TEXT, HTTP_OPTIONAL, "who compared the photo, if somebody did"},
    {"checked_at", HTTP_INT, HTTP_REQUIRED, "when the card was shown"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what the insurer says; asking: ask again",
     .values = check_states},
    {"because", HTTP_TEXT, HTTP_OPTIONAL, "why there is no answer", .values = exchange_states},
    {"is_changed", HTTP_BOOL, HTTP_OPTIONAL,
     "whether this clinic was told something else of the person the last time"},
    {"insurance", HTTP_OBJECT, HTTP_OPTIONAL, "the one that holds, or the last one that did",
     insurance_members},
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "those of this lookup that hold", consent_members},
    {NULL},
};
static const struct http_answer answer_answers[] = {{200, "what is known by now", answer_members},
                                                    {0}};

static const struct http_member wish_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what is to be read", .values = consent_kinds}, {NULL}};
static const struct http_member item_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "the item's code", .form = &item_form},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the 0 before it"},
    {"form", HTTP_TEXT, HTTP_REQUIRED, "of the content", .values = item_forms},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"content", HTTP_TEXT, HTTP_REQUIRED, "what stands there"},
    {NULL},
};
static const struct http_member record_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "of the record", .form = &http_form_date},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "in their order", item_members},
    {NULL},
};
static const struct http_member reading_members[] = {
    {"reading", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what is read", .values = consent_kinds},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how the question to the insurer stands",
     .values = exchange_states},
    {"records", HTTP_ARRAY, HTTP_OPTIONAL, "if it is ready", record_members},
    {NULL},
};
static const struct http_answer begun_answers[] = {{201, "it is asked for", reading_members}, {0}};
static const struct http_answer reading_answers[] = {{200, "what is known by now", reading_members},
                                                     {0}};

const struct route portal_eligibility_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/eligibility/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "getPlatformKeys",
     .summary = "Read the keys of the platform that certificates are encrypted to",
     .answers = set_answers},
    {.method = HTTP_POST,
     .path = "/v1/eligibility/lookups",
     .access = &portal_clinic,
     .body = opening_members,
     .handle = post_lookup,
     .operation = "openLookup",
     .summary = "Begin to look up somebody's health insurance",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/eligibility/lookups/:id/card",
     .access = &portal_clinic,
     .body = card_members,
     .handle = post_card,
     .operation = "showCard",
     .summary = "Show the card of the person, and what the person consents to",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/eligibility/lookups/:id",
     .access = &portal_clinic,
     .handle = get_lookup,
     .operation = "getLookup",
     .summary = "Read what the insurer says",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/eligibility/lookups/:id/readings",
     .access = &portal_clinic,
     .body = wish_members,
     .handle = post_reading,
     .operation = "beginReading",
     .summary = "Read what the person has consented to",
     .answers = begun_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_GET,
     .path = "/v1/eligibility/readings/:id",
     .access = &portal_clinic,
     .handle = get_reading,
     .operation = "getReading",
     .summary = "Read what there is of it by now",
     .answers = reading_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
