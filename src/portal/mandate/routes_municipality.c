/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is a child's parent or somebody's guardian by law, as a municipality records it: it names
 * both by its own codes of the exchange, so neither number nor certificate of theirs is needed.
 */
#include "portal/routes.h"

#include "portal/mandate/legal.h"
#include "portal/mandate/shown.h"
#include "portal/mandate/term.h"
#include "portal/municipality/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMAL = 10, DIGITS_MAX = 15 };

static const char *const legal_kinds[] = {"parent", "guardian", NULL};

/* The account of whom the municipality knows by this code, who may never have been here: a child
 * does not log in. ERR_ABSENT if the exchange knows nobody by it. */
static int find_account(const struct http_call *call, const struct municipality_key *key,
                        const char *member, char ret[PORTAL_ID_SIZE], struct err *err)
{
    const struct audit_origin by = municipality_by(call, key);
    char body[CODE_SIZE];
    struct person_code code;
    const char *text;
    int rc;

    TRY(json_get_text(call->request.json, member, &text, err));
    TRY(err_prefix(err, person_code_parse(text, &code, err), "%s", member));
    (void)snprintf(body, sizeof body, "M%s", key->municipality);
    rc = mandate_account(call->context, body, &code, &by, ret, err);
    return rc == -ERR_ABSENT
               ? FAIL(err, ERR_ABSENT, "%s: the exchange knows nobody by this code", member)
               : rc;
}

/* A parent's ends with the child's age, a guardian's on a day. */
static int read_term(const struct json *json, int64_t now, struct mandate_draft *ret,
                     struct err *err)
{
    const char *text;
    struct caldate birth;

    if (ret->kind == MANDATE_GUARDIAN)
        return mandate_read_end(json, now, &ret->ends_at, err);
    TRY(json_get_text(json, "birth_date", &text, err));
    TRY(err_prefix(err, caldate_parse_iso(text, &birth, err), "birth_date"));
    if (caldate_compare(caltime_at(now, JST_OFFSET_SECONDS).date, birth) < 0)
        return FAIL(err, ERR_INPUT, "birth_date: this child is not born yet");
    ret->ends_at = mandate_child_until(birth);
    return ret->ends_at > now ? 0
                              : FAIL(err, ERR_INPUT,
                                     "birth_date: a parent acts for children under "
                                     "%d",
                                     MANDATE_CHILD_AGE);
}

static int read_draft(const struct json *json, int64_t now, struct mandate_draft *ret,
                      struct err *err)
{
    const struct json *scopes;
    const char *kind;

    TRY(json_get_text(json, "kind", &kind, err));
    ret->kind = strcmp(kind, legal_kinds[0]) == 0 ? MANDATE_PARENT : MANDATE_GUARDIAN;
    TRY(json_get_array(json, "scopes", &scopes, err));
    TRY(mandate_scopes_read(scopes, &ret->scopes, err));
    TRY(json_get_text(json, "mandator_name", &ret->mandator_name, err));
    TRY(json_get_text(json, "proxy_name", &ret->proxy_name, err));
    return read_term(json, now, ret, err);
}

static int post_mandate(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    char mandator[PORTAL_ID_SIZE], proxy[PORTAL_ID_SIZE];
    char id[PORTAL_ID_SIZE], code[MANDATE_CODE_SIZE];
    struct mandate_draft draft = {.reference = NULL};
    struct municipality_key key;
    struct audit_origin by;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    TRY(read_draft(json, by.at, &draft, err));
    TRY(find_account(call, &key, "mandator", mandator, err));
    TRY(find_account(call, &key, "proxy", proxy, err));
    draft.mandator = mandator;
    draft.proxy = proxy;
    draft.municipality = key.municipality;
    TRY(mandate_make(portal->store, &draft, &by, id, code, err));
    TRY(json_put_text(body, "id", id, err));
    TRY(json_put_int(body, "ends_at", draft.ends_at, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* ---- those that it recorded ---- */

struct page {
    struct json *list;
    int64_t last;
    unsigned count;
};

static int add(void *context, const struct mandate *mandate, struct err *err)
{
    struct page *page = context;
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(mandate_put(item, mandate, err));
    TRY(json_put_text(item, "mandator_name", mandate->mandator_name, err));
    TRY(json_put_text(item, "proxy_name", mandate->proxy_name, err));
    page->last = mandate->place;
    page->count++;
    return json_add(page->list, json_steal(&item), err);
}

static int read_cursor(const struct http_call *call, int64_t *ret, struct err *err)
{
    const char *text = http_query(&call->request, "after");
    size_t len = text == NULL ? 0 : strlen(text);

    *ret = 0;
    if (text == NULL)
        return 0;
    if (len == 0 || len > DIGITS_MAX || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "after is the \"next\" of the page before");
    *ret = strtoll(text, NULL, DECIMAL);
    return 0;
}

static int list_mandates(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct page page = {.list = list};
    struct municipality_key key;
    char next[DIGITS_MAX + 6];
    int64_t behind;

    TRY(municipality_bearer(call, &key, err));
    TRY(read_cursor(call, &behind, err));
    TRY(mandate_page(portal->store, key.municipality, behind, add, &page, err));
    TRY(json_put(body, "mandates", json_steal(&list), err));
    (void)snprintf(next, sizeof next, "%lld", (long long)page.last);
    TRY(page.count == MANDATE_PAGE_MAX ? json_put_text(body, "next", next, err)
                                       : json_put_null(body, "next", err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_mandate(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct mandate_ender ender = {.account = NULL};
    struct municipality_key key;
    struct audit_origin by;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    ender.municipality = key.municipality;
    TRY(mandate_end(portal->store, http_param(&call->request, "id"), &ender, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const struct http_form person_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form cursor_form = {"^[0-9]{1,15}$", "decimal digits"};

static const struct http_member draft_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what the proxy is by law", .values = legal_kinds},
    {"mandator", HTTP_TEXT, HTTP_REQUIRED, "the municipality's code of who is acted for",
     .form = &person_form},
    {"proxy", HTTP_TEXT, HTTP_REQUIRED, "the same of who acts", .form = &person_form},
    {"scopes", HTTP_ARRAY, HTTP_REQUIRED, "what it is for", .values = mandate_scopes},
    {"birth_date", HTTP_TEXT, HTTP_OPTIONAL, "of the child: of kind parent; it is not kept",
     .form = &http_form_date},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "the last day: of kind guardian", .form = &http_form_date},
    {"mandator_name", HTTP_TEXT, HTTP_REQUIRED, "what the proxy reads", .form = &mandate_name_form},
    {"proxy_name", HTTP_TEXT, HTTP_REQUIRED, "what the mandator reads", .form = &mandate_name_form},
    {NULL},
};
static const struct http_member made_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &portal_id_form},
    {"ends_at", HTTP_INT, HTTP_REQUIRED, "from when on it counts no more, UTC seconds"},
    {NULL},
};
static const struct http_answer made_answers[] = {{201, "it counts from now on", made_members},
                                                  {0}};
static const struct http_member page_query[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "the \"next\" of the page before", .form = &cursor_form},
    {NULL},
};
static const struct http_member listed_members[] = {
    MANDATE_MEMBERS,
    {"mandator_name", HTTP_TEXT, HTTP_REQUIRED, "what the proxy reads"},
    {"proxy_name", HTTP_TEXT, HTTP_REQUIRED, "what the mandator reads"},
    {NULL},
};
static const struct http_member page_members[] = {
    {"mandates", HTTP_ARRAY, HTTP_REQUIRED, "the oldest first", listed_members},
    {"next", HTTP_TEXT, HTTP_OR_NULL, "for the next page; null: there is none"},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "those it recorded", page_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "it is over"}, {0}};

const struct route portal_legal_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/municipality/mandates",
     .access = &portal_clerk,
     .body = draft_members,
     .handle = post_mandate,
     .operation = "recordMandate",
     .summary = "Record a parent or a guardian",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/municipality/mandates",
     .access = &portal_clerk,
     .query = page_query,
     .handle = list_mandates,
     .operation = "listRecordedMandates",
     .summary = "List the mandates that the municipality recorded",
     .answers = page_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/municipality/mandates/:id",
     .access = &portal_clerk,
     .handle = delete_mandate,
     .operation = "endRecordedMandate",
     .summary = "End one of them",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
