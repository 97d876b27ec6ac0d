/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to acts at the counter and back. What an act means is decided in counter.c. */
#include "register/routes.h"

#include "register/authority_client.h"

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
    return authority_ping(counter->authority, err);
}

/* Who calls, for the audit log. */
static struct audit_origin caller(const struct http_call *call)
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

static const struct http_access register_operator = {"clerk or operator", operator};

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
    const struct audit_origin by = caller(call);
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
    const struct audit_origin by = caller(call);
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
    const struct audit_origin by = caller(call);
    struct card_entry entry = {.by = &by};
    struct card card;
    bool is_new;

    TRY(json_get_text(json, "resident", &entry.resident, err));
    TRY(json_get_text(json, "serial", &entry.serial, err));
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
    const struct audit_origin by = caller(call);
    struct card card;

    TRY(counter_activate_card(call->context, http_param(&call->request, "id"), &by, &card, err));
    return card_reply(call, 200, &card, err);
}

/* {"sign": base64, "auth": base64}; buffers[kind] keeps what requests[kind] points to. */
static int read_requests(const struct json *json, struct buf buffers[CERT_KINDS_],
                         struct bytes requests[CERT_KINDS_], struct err *err)
{
    static const char *const keys[] = {"sign", "auth", NULL};
    const struct json *object;

    TRY(json_get_object(json, "requests", &object, err));
    TRY(json_only(object, keys, err));
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
    const struct audit_origin by = caller(call);
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

static const struct http_member resident_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED},         {"name_substitutes", HTTP_TEXT, HTTP_OPTIONAL},
    {"address", HTTP_TEXT, HTTP_REQUIRED},      {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED},   {"sex", HTTP_TEXT, HTTP_REQUIRED},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED}, {"mynumber", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};
static const struct http_member move_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED},
    {"address", HTTP_TEXT, HTTP_REQUIRED},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};
static const struct http_member card_members[] = {
    {"resident", HTTP_TEXT, HTTP_REQUIRED},
    {"serial", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};
static const struct http_member request_members[] = {
    {"requests", HTTP_OBJECT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const char *const since_query[] = {"since", NULL};

#define ROW(method_, path_, body_, handle_)                                                        \
    {                                                                                              \
        .method = (method_), .path = (path_), .access = &http_listed_peer, .body = (body_),        \
        .handle = (handle_)                                                                        \
    }

const struct route register_routes[] = {
    ROW(HTTP_POST, "/v1/residents", resident_members, post_resident),
    ROW(HTTP_GET, "/v1/residents/:id", NULL, get_resident),
    ROW(HTTP_POST, "/v1/residents/:id/moves", move_members, post_move),
    ROW(HTTP_POST, "/v1/cards", card_members, post_card),
    ROW(HTTP_GET, "/v1/cards/:id", NULL, get_card),
    ROW(HTTP_POST, "/v1/cards/:id/certificates", request_members, post_certificates),
    ROW(HTTP_POST, "/v1/cards/:id/activation", NULL, post_activation),
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &register_operator,
     .query = since_query,
     .handle = get_audit},
    {.path = NULL},
};
