/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a municipality's clerk means who stands at the counter with papers: its own register of
 * residents has them by name and birthday. Nothing is told of them but the code by which the
 * municipality knows them; a name in a body stands in no log of requests.
 */
#include "portal/routes.h"

#include "portal/mandate/legal.h"
#include "portal/municipality/key.h"

#include <stdio.h>

static int post_search(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct civil_search search;
    struct municipality_key key;
    struct person_code code;
    struct audit_origin by;
    char name[CODE_SIZE];
    const char *birth;
    int rc;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    (void)snprintf(name, sizeof name, "M%s", key.municipality);
    search.body = name;
    TRY(json_get_text(json, "name", &search.name, err));
    TRY(json_get_text(json, "birth_date", &birth, err));
    TRY(err_prefix(err, caldate_parse_iso(birth, &search.birth, err), "birth_date"));
    rc = mandate_find_resident(call->context, &search, &by, &code, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "nobody of this name and birthday lives here");
    TRY(rc);
    TRY(person_code_append(&text, &code, err));
    TRY(json_put_bytes(body, "code", buf_bytes(&text), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- words ---- */

static const struct http_form name_form = {"^.{1,64}$", "a name, at most 64 characters"};
static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_member search_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as it stands in the register, with blanks or without",
     .form = &name_form},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "of the person", .form = &http_form_date},
    {NULL},
};
static const struct http_member found_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what the municipality knows the person by",
     .form = &code_form},
    {NULL},
};
static const struct http_answer found_answers[] = {{200, "who that is", found_members}, {0}};

const struct route portal_resident_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/municipality/residents/search",
     .access = &portal_clerk,
     .body = search_members,
     .handle = post_search,
     .operation = "findResident",
     .summary = "Find somebody who lives in the municipality, for a mandate",
     .answers = found_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
