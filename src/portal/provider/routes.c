/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the operator of a test system: fictional people get into the registers of bodies, bodies may
 * be had to answer late or not at all, and maintenance is announced.
 */
#include "portal/routes.h"

#include "exchange/holdings.h"
#include "portal/selfinfo/selfinfo.h"

#include <string.h>

static int find_holdings(const struct http_call *call, struct holdings **ret, struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->holdings == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no registers of bodies");
    *ret = portal->holdings;
    return 0;
}

static struct audit_origin operator(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return audit_by_uid(clock_now(portal->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

/* ---- people ---- */

static int read_person(const struct portal *portal, const struct json *json,
                       struct making_person *ret, struct err *err)
{
    const char *birth;
    const char *sex;

    TRY(json_get_text(json, "seed", &ret->seed, err));
    TRY(json_get_text(json, "place", &ret->place, err));
    TRY(json_get_text(json, "birth_date", &birth, err));
    TRY(json_get_text(json, "sex", &sex, err));
    TRY(err_prefix(err, caldate_parse_iso(birth, &ret->birth, err), "birth_date"));
    if (!answer_content_fits(ITEM_TEXT, ret->place))
        return FAIL(err, ERR_INPUT, "place is empty, too long or cannot be shown");
    if (json_has(json, "holds"))
        TRY(json_get_array(json, "holds", &ret->holds, err));
    if (json_has(json, "name"))
        TRY(json_get_text(json, "name", &ret->name, err));
    if (json_has(json, "is_protected"))
        TRY(json_get_bool(json, "is_protected", &ret->is_protected, err));
    ret->is_female = strcmp(sex, "female") == 0;
    ret->today = caltime_at(clock_now(portal->clock), JST_OFFSET_SECONDS).date;
    return 0;
}

/* The exchange knows by which codes bodies know the person, as it does of people who are real. */
static int link_codes(const struct portal *portal, const struct json *codes,
                      const struct audit_origin *by, struct err *err)
{
    struct exchange_link link;
    const struct exchange *x;
    const char *code;
    int64_t person;

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(json_get_text(json_at(codes, 0), "body", &link.body, err));
    TRY(json_get_text(json_at(codes, 0), "code", &code, err));
    if (strcmp(link.body, "PORTAL") != 0)
        return FAIL(err, ERR_INPUT, "codes: that of PORTAL comes first");
    TRY(person_code_parse(code, &link.portal, err));
    for (size_t i = 1; i < json_count(codes); i++) {
        TRY(json_get_text(json_at(codes, i), "body", &link.body, err));
        TRY(json_get_text(json_at(codes, i), "code", &code, err));
        TRY(person_code_parse(code, &link.code, err));
        TRY(exchange_link(x, &link, by, &person, err));
    }
    return 0;
}

static int make_at(const struct portal *portal, const struct json *json,
                   const struct making_person *person, const struct audit_origin *by,
                   struct err *err)
{
    struct holding whose = {.body = NULL};
    const char *code;

    TRY(json_get_text(json, "body", &whose.body, err));
    TRY(json_get_text(json, "code", &code, err));
    TRY(person_code_parse(code, &whose.code, err));
    return holdings_make(portal->holdings, portal->making, &whose, person, by, err);
}

static int post_person(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = operator(call);
    struct making_person person = {.holds = NULL};
    struct holdings *holdings;
    const struct json *codes;
    bool is_linked = false;

    TRY(find_holdings(call, &holdings, err));
    TRY(read_person(portal, call->request.json, &person, err));
    TRY(json_get_array(call->request.json, "codes", &codes, err));
    for (size_t i = 0; i < json_count(codes); i++)
        TRY(make_at(portal, json_at(codes, i), &person, &by, err));
    if (json_has(call->request.json, "is_linked"))
        TRY(json_get_bool(call->request.json, "is_linked", &is_linked, err));
    if (is_linked)
        TRY(link_codes(portal, codes, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* What a body holds of somebody under one name from now on, instead of what was made by chance. */
static int post_records(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    const struct audit_origin by = operator(call);
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct holding holding = {.body = NULL};
    struct holdings *holdings;
    const struct json *records;
    struct json *copy;
    const char *code;

    TRY(find_holdings(call, &holdings, err));
    TRY(json_get_text(json, "body", &holding.body, err));
    TRY(json_get_text(json, "info", &holding.info, err));
    TRY(json_get_text(json, "code", &code, err));
    TRY(person_code_parse(code, &holding.code, err));
    TRY(json_get_array(json, "records", &records, err));
    TRY(json_duplicate(records, &copy, err));
    TRY(json_put(answer, "records", copy, err));
    if (json_count(records) > 0)
        TRY(json_write(answer, &text, err));
    holding.answer = buf_bytes(&text);
    TRY(holdings_file(holdings, &holding, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- conduct and maintenance ---- */

static int post_conduct(struct http_call *call, struct err *err)
{
    const struct audit_origin by = operator(call);
    struct holdings *holdings;
    const char *body;
    const char *mode;
    unsigned chosen = 0;
    int64_t delay;

    TRY(find_holdings(call, &holdings, err));
    TRY(json_get_text(call->request.json, "body", &body, err));
    TRY(json_get_text(call->request.json, "mode", &mode, err));
    TRY(json_get_int(call->request.json, "delay_seconds", &delay, err));
    while (holding_modes[chosen] != NULL && strcmp(holding_modes[chosen], mode) != 0)
        chosen++;
    TRY(holdings_tune(holdings, body, (enum holding_mode)chosen, delay, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_outage(struct http_call *call, struct err *err)
{
    const struct audit_origin by = operator(call);
    struct exchange_outage outage;
    const struct exchange *x;

    TRY(selfinfo_exchange(call->context, &x, err));
    TRY(json_get_text(call->request.json, "body", &outage.body, err));
    TRY(json_get_int(call->request.json, "begins", &outage.begins, err));
    TRY(json_get_int(call->request.json, "ends", &outage.ends, err));
    TRY(exchange_announce(x, &outage, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const char *const sexes[] = {"female", "male", NULL};
static const struct http_form body_form = {"^([A-Z][A-Z0-9]{0,15}|\\*)$",
                                           "up to 16 of A-Z and 0-9; * is all of them"};
static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form day_form = {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "YYYY-MM-DD"};

static const struct http_member code_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "a body of the exchange", .form = &body_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows the person by", .form = &code_form},
    {NULL},
};
static const struct http_member person_members[] = {
    {"codes", HTTP_ARRAY, HTTP_REQUIRED, "the person at each body, as the register tells them",
     code_members},
    {"seed", HTTP_TEXT, HTTP_REQUIRED, "what is drawn from: the same makes the same"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "of the fictional person", .form = &day_form},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "of the fictional person", .values = sexes},
    {"place", HTTP_TEXT, HTTP_REQUIRED, "the municipality's name"},
    {"holds", HTTP_ARRAY, HTTP_OPTIONAL, "names of what there is in any case, whatever is drawn",
     .form = &body_form},
    {"name", HTTP_TEXT, HTTP_OPTIONAL,
     "of the fictional person: the municipality has a household then"},
    {"is_protected", HTTP_BOOL, HTTP_OPTIONAL, "its certificates are refused at kiosks"},
    {"is_linked", HTTP_BOOL, HTTP_OPTIONAL,
     "the exchange knows the person before any login; the code of PORTAL comes first"},
    {NULL},
};
static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
static const struct http_form item_form = {"^[0-9]{10}$", "ten digits"};
static const struct http_member item_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "an item of the name", .form = &item_form},
    {"content", HTTP_TEXT, HTTP_REQUIRED, "in the item's form"},
    {NULL},
};
static const struct http_member record_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "of the record", .form = &day_form},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "in their order", item_members},
    {NULL},
};
static const struct http_member records_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "who holds it", .form = &body_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows the person by", .form = &code_form},
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name of the information", .form = &info_form},
    {"records", HTTP_ARRAY, HTTP_REQUIRED, "all of them; none: nothing any more", record_members},
    {NULL},
};
static const struct http_member conduct_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "a body of the exchange", .form = &body_form},
    {"mode", HTTP_TEXT, HTTP_REQUIRED, "how it answers from now on", .values = holding_modes},
    {"delay_seconds", HTTP_INT, HTTP_REQUIRED, "after how long, at most a day"},
    {NULL},
};
static const struct http_member outage_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "who does not answer", .form = &body_form},
    {"begins", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"ends", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {NULL},
};
static const struct http_answer made_answers[] = {{204, "they are in the registers"}, {0}};
static const struct http_answer filed_answers[] = {{204, "that is what is held"}, {0}};
static const struct http_answer tuned_answers[] = {{204, "it answers so from now on"}, {0}};
static const struct http_answer announced_answers[] = {{204, "it is announced"}, {0}};

const struct route portal_provider_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/provider/people",
     .access = &audit_operator,
     .body = person_members,
     .handle = post_person,
     .operation = "makePerson",
     .summary = "Fill the registers of bodies with what they hold of a fictional person",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/provider/records",
     .access = &audit_operator,
     .body = records_members,
     .handle = post_records,
     .operation = "fileRecords",
     .summary = "Say what a body holds of a fictional person under a name",
     .answers = filed_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/provider/conduct",
     .access = &audit_operator,
     .body = conduct_members,
     .handle = post_conduct,
     .operation = "tuneProvider",
     .summary = "Have a body answer late, or not at all",
     .answers = tuned_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/outages",
     .access = &audit_operator,
     .body = outage_members,
     .handle = post_outage,
     .operation = "announceOutage",
     .summary = "Announce maintenance of a body, or of the exchange",
     .answers = announced_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
