/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to acts at the counter and back. What an act means is decided in counter.c. */
#include "register/routes.h"

#include "audit/words.h"
#include "register/authority_client.h"
#include "register/personal.h"
#include "register/routes_personal.h"

#include <stdio.h>
#include <string.h>

static const char *const sexes[] = {
    [SEX_MALE] = "male",
    [SEX_FEMALE] = "female",
    [SEX_UNKNOWN] = "unknown",
};

int register_ready(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    TRY(register_store_ping(counter->store, err));
    if (counter->personal != NULL)
        TRY(personal_ping(counter->personal, err));
    return authority_ping(counter->authority, err);
}

/* Who calls, for the audit log. */
struct audit_origin register_caller(const struct http_call *call)
{
    const struct counter *counter = call->context;

    return audit_by_uid(clock_now(counter->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

static int operator(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter != NULL && http_peer_is_in(call, counter->operators.uids, counter->operators.count))
        return 0;
    return http_listed_peer.check(call, err);
}

static const struct http_access register_operator = {
    "clerk or operator", operator,
    "Served on a Unix socket, to the user ids listed as peers or operators." };

/* A text member into an array of a resident; optional ones stay empty. */
static int read_text(const struct json *json, const char *key, char *ret, size_t size,
                     struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s is too long", key);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

static int read_optional(const struct json *json, const char *key, char *ret, size_t size,
                         struct err *err)
{
    return json_has(json, key) ? read_text(json, key, ret, size, err) : 0;
}

static int read_sex(const struct json *json, enum sex *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "sex", &text, err));
    for (unsigned i = SEX_MALE; i <= SEX_UNKNOWN; i++) {
        if (strcmp(sexes[i], text) == 0) {
            *ret = (enum sex)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "sex is male, female or unknown");
}

static int read_resident(const struct json *json, struct resident *r, struct err *err)
{
    const char *birth;

    TRY(read_text(json, "name", r->name, sizeof r->name, err));
    TRY(read_text(json, "address", r->address, sizeof r->address, err));
    TRY(read_optional(json, "name_substitutes", r->name_substitutes, sizeof r->name_substitutes,
                      err));
    TRY(read_optional(json, "address_substitutes", r->address_substitutes,
                      sizeof r->address_substitutes, err));
    TRY(json_get_text(json, "birth_date", &birth, err));
    TRY(err_prefix(err, caldate_parse_iso(birth, &r->birth, err), "birth_date"));
    TRY(read_sex(json, &r->sex, err));
    return read_text(json, "municipality", r->municipality, sizeof r->municipality, err);
}

static int post_resident(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct audit_origin by = register_caller(call);
    struct resident resident = {0};
    const char *mynumber;
    bool is_new;

    TRY(read_resident(call->request.json, &resident, err));
    TRY(json_get_text(call->request.json, "mynumber", &mynumber, err));
    TRY(counter_add_resident(call->context, &resident, mynumber, &by, &is_new, err));
    body = json_object_new();
    TRY(json_put_text(body, "id", resident.id, err));
    return http_reply_json(&call->response, is_new ? 201 : 200, json_steal(&body), err);
}

static int get_resident(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct resident r;
    char birth[CALTIME_TEXT_SIZE];

    TRY(register_get_resident(counter->store, http_param(&call->request, "id"), &r, err));
    caldate_format_iso(r.birth, birth);
    TRY(json_put_text(body, "id", r.id, err));
    TRY(json_put_text(body, "name", r.name, err));
    TRY(json_put_text(body, "name_substitutes", r.name_substitutes, err));
    TRY(json_put_text(body, "address", r.address, err));
    TRY(json_put_text(body, "address_substitutes", r.address_substitutes, err));
    TRY(json_put_text(body, "birth_date", birth, err));
    TRY(json_put_text(body, "sex", sexes[r.sex], err));
    TRY(json_put_text(body, "municipality", r.municipality, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_move(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    const struct audit_origin by = register_caller(call);
    struct move_entry entry = {.resident = http_param(&call->request, "id"), .by = &by};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct resident resident;
    enum revocation_state state;

    TRY(json_get_text(json, "request_id", &entry.request_id, err));
    TRY(json_get_text(json, "address", &entry.address, err));
    TRY(json_get_text(json, "municipality", &entry.municipality, err));
    if (json_has(json, "address_substitutes"))
        TRY(json_get_text(json, "address_substitutes", &entry.address_substitutes, err));
    TRY(counter_move(call->context, &entry, call->request.traceparent, &resident, &state, err));
    TRY(json_put_text(body, "id", resident.id, err));
    TRY(json_put_text(body, "address", resident.address, err));
    TRY(json_put_text(body, "municipality", resident.municipality, err));
    TRY(json_put_text(body, "revocation", revocation_state_name(state), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int card_reply(struct http_call *call, unsigned status, const struct card *card,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char time[CALTIME_TEXT_SIZE];

    TRY(json_put_text(body, "id", card->serial, err));
    TRY(json_put_text(body, "serial", card->serial, err));
    TRY(json_put_text(body, "resident", card->resident, err));
    TRY(json_put_text(body, "state", card_state_name(card->state), err));
    TRY(json_put_text(body, "security_code", card->security_code, err));
    TRY(json_put_text(body, "window_id", card->window_id, err));
    caltime_format(card->issued_at, JST_OFFSET_SECONDS, time);
    TRY(json_put_text(body, "issued_at", time, err));
    caldate_format_iso(card->expires_on, time);
    TRY(json_put_text(body, "expires_on", time, err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
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
    struct card card;

    TRY(register_get_card(counter->store, http_param(&call->request, "id"), &card, err));
    return card_reply(call, 200, &card, err);
}

static int post_activation(struct http_call *call, struct err *err)
{
    const struct audit_origin by = register_caller(call);
    struct card card;

    TRY(counter_activate_card(call->context, http_param(&call->request, "id"), &by, &card, err));
    return card_reply(call, 200, &card, err);
}

/* {"sign": base64, "auth": base64}; buffers[kind] keeps what requests[kind] points to. */
static int read_requests(const struct json *json, struct buf buffers[CERT_KINDS_],
                         struct bytes requests[CERT_KINDS_], struct err *err)
{
    const struct json *object;

    TRY(json_get_object(json, "requests", &object, err));
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        const char *key = cert_kind_name((enum cert_kind)kind);

        if (!json_has(object, key))
            continue;
        TRY(json_get_base64(object, key, &buffers[kind], err));
        if (buffers[kind].len == 0)
            return FAIL(err, ERR_INPUT, "%s is empty", key);
        requests[kind] = buf_bytes(&buffers[kind]);
    }
    return 0;
}

static int certificates_reply(struct http_call *call, const struct issuing *issuing,
                              struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *certificates = json_object_new();

    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        const struct issue *issue = &issuing->issues[kind];
        const char *name = cert_kind_name((enum cert_kind)kind);
        char ca_name[16];

        if (issue->certificate.len == 0)
            continue;
        (void)snprintf(ca_name, sizeof ca_name, "%s_ca", name);
        TRY(json_put_base64(certificates, name, buf_bytes(&issue->certificate), err));
        TRY(json_put_base64(certificates, ca_name, buf_bytes(&issue->ca_certificate), err));
    }
    TRY(json_put(body, "certificates", json_steal(&certificates), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static void requests_done(struct buf (*buffers)[CERT_KINDS_])
{
    for (int kind = 0; kind < CERT_KINDS_; kind++)
        buf_done(&(*buffers)[kind]);
}

static int post_certificates(struct http_call *call, struct err *err)
{
    CLEANUP(requests_done) struct buf buffers[CERT_KINDS_] = {BUF_INIT, BUF_INIT};
    const struct audit_origin by = register_caller(call);
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};

    TRY(read_requests(call->request.json, buffers, issuing.requests, err));
    TRY(counter_issue(call->context, http_param(&call->request, "id"), call->request.traceparent,
                      &issuing, err));
    return certificates_reply(call, &issuing, err);
}

static int get_audit(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    struct json *body;

    TRY(register_list_audit(counter->store, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

const struct http_about register_about = {
    "register", "OpenJPKI register",
    "The counter of a municipality, for clerks' programs: residents, cards, moves."};

static const struct http_form municipality_form = {"^[0-9]{5}$", "five digits"};
static const struct http_form mynumber_form = {"^[0-9]{12}$", "twelve digits"};
static const struct http_form flags_form = {"^[01]*$", "one digit 0 or 1 per character"};
static const struct http_form request_id_form = {"^[A-Za-z0-9-]{1,64}$",
                                                 "1 to 64 letters, digits and hyphens"};
static const struct http_form serial_form = {"^[A-Za-z0-9-]{1,16}$",
                                             "1 to 16 letters, digits and hyphens"};
static const struct http_form security_form = {"^[0-9]{4}$", "four digits"};
static const struct http_form window_form = {"^[0-9]{5}[0-9A-Z]{4}$",
                                             "code of the municipality, four characters"};

static const char *const sex_values[] = {"male", "female", "unknown", NULL};
static const char *const card_states[] = {"stock", "issued", "active", NULL};
static const char *const revocation_states[] = {"none", "pending", "done", "refused", NULL};

#define RESIDENT_MEMBERS(substitutes_)                                                             \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as it is registered"},                                     \
        {"name_substitutes", HTTP_TEXT, (substitutes_), "characters that stand for others",        \
         .form = &flags_form},                                                                     \
        {"address", HTTP_TEXT, HTTP_REQUIRED, "begins with the prefecture"},                       \
        {"address_substitutes", HTTP_TEXT, (substitutes_), "characters that stand for others",     \
         .form = &flags_form},                                                                     \
        {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "a date", .form = &http_form_date},               \
        {"sex", HTTP_TEXT, HTTP_REQUIRED, "as it is registered", .values = sex_values},            \
    {                                                                                              \
        "municipality", HTTP_TEXT, HTTP_REQUIRED, "its code", .form = &municipality_form           \
    }
static const struct http_member id_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    {NULL},
};
static const struct http_member resident_members[] = {
    RESIDENT_MEMBERS(HTTP_OPTIONAL),
    {"mynumber", HTTP_TEXT, HTTP_REQUIRED, "the individual number, which nobody is told but a card",
     .form = &mynumber_form},
    {NULL},
};
static const struct http_answer resident_answers[] = {
    {201, "the resident is recorded", id_members},
    {200, "this very resident was recorded before", id_members},
    {0},
};
static const struct http_member known_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    RESIDENT_MEMBERS(HTTP_REQUIRED),
    {NULL},
};
static const struct http_answer known_answers[] = {{200, "the attributes", known_members}, {0}};

static const struct http_member move_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one moves once",
     .form = &request_id_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "the new one, which begins with the prefecture"},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters that stand for others",
     .form = &flags_form},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "code of the new one", .form = &municipality_form},
    {NULL},
};
static const struct http_member moved_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "the new one"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "code of the new one", .form = &municipality_form},
    {"revocation", HTTP_TEXT, HTTP_REQUIRED, "what became of the sign certificate",
     .values = revocation_states},
    {NULL},
};
static const struct http_answer moved_answers[] = {{201, "the move is recorded", moved_members},
                                                   {0}};

static const struct http_member assign_members[] = {
    {"resident", HTTP_TEXT, HTTP_REQUIRED, "whose card it becomes"},
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "of a blank card", .form = &serial_form},
    {"further", HTTP_BOOL, HTTP_OPTIONAL, "beside another card; for test residents alone"},
    {NULL},
};
static const struct http_member card_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &serial_form},
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &serial_form},
    {"resident", HTTP_TEXT, HTTP_REQUIRED, "whose card it is"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = card_states},
    {"security_code", HTTP_TEXT, HTTP_REQUIRED, "printed under the photo", .form = &security_form},
    {"window_id", HTTP_TEXT, HTTP_REQUIRED, "the counter", .form = &window_form},
    {"issued_at", HTTP_TEXT, HTTP_REQUIRED, "when it was assigned", .form = &http_form_time},
    {"expires_on", HTTP_TEXT, HTTP_REQUIRED, "its last day", .form = &http_form_date},
    {NULL},
};
static const struct http_answer assigned_answers[] = {
    {201, "the card is assigned", card_members},
    {200, "it was assigned to this resident before", card_members},
    {0},
};
static const struct http_answer card_answers[] = {{200, "the card", card_members}, {0}};

static const struct http_member csr_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "of the sign key, PKCS#10", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "of the auth key, PKCS#10", .form = &http_form_base64},
    {NULL},
};
static const struct http_member request_members[] = {
    {"requests", HTTP_OBJECT, HTTP_REQUIRED, "what the card signed", csr_members},
    {NULL},
};
static const struct http_member der_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_member certificate_members[] = {
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "for the requests, with those of their CAs",
     der_members},
    {NULL},
};
static const struct http_answer certificate_answers[] = {
    {200, "the certificates; the same ones for the same requests", certificate_members}, {0}};

const struct route register_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/residents",
     .access = &http_listed_peer,
     .body = resident_members,
     .handle = post_resident,
     .operation = "addResident",
     .summary = "Record a resident",
     .answers = resident_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/residents/:id",
     .access = &http_listed_peer,
     .handle = get_resident,
     .operation = "getResident",
     .summary = "Read the attributes of a resident, never the individual number",
     .answers = known_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/residents/:id/moves",
     .access = &http_listed_peer,
     .body = move_members,
     .handle = post_move,
     .operation = "move",
     .summary = "Record a new address; the sign certificate is revoked",
     .answers = moved_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/cards",
     .access = &http_listed_peer,
     .body = assign_members,
     .handle = post_card,
     .operation = "assignCard",
     .summary = "Assign a blank card to a resident",
     .answers = assigned_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/cards/:id",
     .access = &http_listed_peer,
     .handle = get_card,
     .operation = "getCard",
     .summary = "Read what is recorded of a card",
     .answers = card_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/certificates",
     .access = &http_listed_peer,
     .body = request_members,
     .handle = post_certificates,
     .operation = "issue",
     .summary = "Have certificates for the card's keys issued",
     .answers = certificate_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/personal-files",
     .access = &http_listed_peer,
     .body = personal_members,
     .handle = register_post_personal_files,
     .operation = "makePersonalFiles",
     .summary = "Make what is written on a card beside its certificates, until it is handed over",
     .answers = personal_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/activation",
     .access = &http_listed_peer,
     .handle = post_activation,
     .operation = "activateCard",
     .summary = "Hand a card over",
     .answers = card_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &register_operator,
     .query = audit_query,
     .handle = get_audit,
     .operation = "listAudit",
     .summary = "Read the audit log behind a number",
     .answers = audit_answers,
     .fails = AUDIT_FAILS},
    {.path = NULL},
};
