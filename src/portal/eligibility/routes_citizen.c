/* SPDX-License-Identifier: Apache-2.0 */
/* Which clinics looked somebody up, and what they may read: for that person alone. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/eligibility/history.h"
#include "portal/eligibility/lookup.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdlib.h>
#include <string.h>

enum { DECIMAL = 10, DIGITS_MAX = 15 };

/* The caller's number at the exchange. */
static int find_person(struct http_call *call, struct audit_origin *ret_by, int64_t *ret,
                       struct err *err)
{
    struct session own;

    TRY(citizen_find(call, &own, err));
    *ret_by = citizen_by(call, &own);
    return selfinfo_person(call->context, &own, ret_by, ret, err);
}

static int get_lookups(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *text = http_query(&call->request, "before");
    struct audit_origin by;
    struct json *body;
    int64_t person;
    int64_t before = 0;

    TRY(find_person(call, &by, &person, err));
    if (text != NULL && (text[0] == '\0' || strlen(text) > DIGITS_MAX ||
                         strspn(text, "0123456789") != strlen(text)))
        return FAIL(err, ERR_INPUT, "before is decimal digits");
    if (text != NULL)
        before = strtoll(text, NULL, DECIMAL);
    TRY(eligibility_history(portal_store_db(portal->store), person, before, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int withdraw(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct audit_origin by;
    int64_t person;

    TRY(find_person(call, &by, &person, err));
    TRY(consent_withdraw(portal_store_db(portal->store), person, http_param(&call->request, "id"),
                         &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form number_form = {"^[0-9]{1,15}$", "decimal digits"};
static const struct http_form clinic_form = {"^[0-9]{10}$", "ten digits"};
static const char *const methods[] = {"pin", "photo", NULL};

static const struct http_member page_query[] = {
    {"before", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &number_form}, {NULL}};
static const struct http_member consent_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what the clinic may read", .values = consent_kinds},
    {"given_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"withdrawn_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds; 0: it was not"},
    {"readings", HTTP_INT, HTTP_REQUIRED, "how often the clinic made use of it"},
    {NULL},
};
static const struct http_member lookup_members[] = {
    {"clinic", HTTP_TEXT, HTTP_REQUIRED, "its number", .form = &clinic_form},
    {"clinic_name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"clinic_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"operator", HTTP_TEXT, HTTP_REQUIRED, "who compared the photo; empty: nobody did"},
    {"checked_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"method", HTTP_TEXT, HTTP_REQUIRED, "how the clinic recognised the person", .values = methods},
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "that were given then", consent_members},
    {NULL},
};
static const struct http_member page_members[] = {
    {"lookups", HTTP_ARRAY, HTTP_REQUIRED, "newest first", lookup_members},
    {"next", HTTP_INT, HTTP_OPTIONAL, "if there are more: before of the next page"},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "a page of them", page_members}, {0}};
static const struct http_answer withdrawn_answers[] = {{204, "it does not hold any more"}, {0}};

const struct route portal_lookup_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/me/eligibility",
     .access = &portal_citizen,
     .query = page_query,
     .handle = get_lookups,
     .operation = "listLookups",
     .summary = "See which clinics looked up the own health insurance",
     .answers = page_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/me/eligibility/consents/:id/withdraw",
     .access = &portal_citizen,
     .handle = withdraw,
     .operation = "withdrawReading",
     .summary = "Let a clinic read nothing more by a consent",
     .answers = withdrawn_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
