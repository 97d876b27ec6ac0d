/* SPDX-License-Identifier: Apache-2.0 */
/* Who gave what to whom, for whom it is about alone. */
#include "portal/routes.h"

#include "http/answer.h"
#include "portal/account/access.h"
#include "portal/history/history.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdlib.h>

enum { DECIMAL = 10, DIGITS_MAX = 15, PAGE_DEFAULT = 20 };

/* The exchange, and the caller's number there. */
static int find_person(struct http_call *call, const struct exchange **ret, int64_t *ret_person,
                       struct err *err)
{
    const struct portal *portal = call->context;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    TRY(selfinfo_exchange(portal, ret, err));
    by = citizen_by(call, &own);
    return selfinfo_person(portal, &own, &by, ret_person, err);
}

/* A number from the query; as it was if it is not there. */
static int read_number(const struct http_call *call, const char *key, int64_t *ret, struct err *err)
{
    const char *text = http_query(&call->request, key);
    size_t len = text == NULL ? 0 : strlen(text);

    if (text == NULL)
        return 0;
    if (len == 0 || len > DIGITS_MAX || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "%s is decimal digits", key);
    *ret = strtoll(text, NULL, DECIMAL);
    return 0;
}

static int read_what(const struct http_call *call, int *ret, struct err *err)
{
    const char *text = http_query(&call->request, "what");

    *ret = -1;
    if (text == NULL)
        return 0;
    for (int i = 0; i < LOG_WHATS_; i++) {
        if (strcmp(log_whats[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "what is none of the words it may be");
}

static int get_history(struct http_call *call, struct err *err)
{
    struct log_query query = {.until = INT64_MAX, .limit = PAGE_DEFAULT};
    CLEANUP(http_writer_done) struct http_writer page = HTTP_WRITER_INIT;
    const struct exchange *x;

    TRY(find_person(call, &x, &query.person, err));
    TRY(read_number(call, "from", &query.from, err));
    TRY(read_number(call, "until", &query.until, err));
    TRY(read_number(call, "offset", &query.offset, err));
    TRY(read_number(call, "limit", &query.limit, err));
    TRY(read_what(call, &query.what, err));
    query.body = http_query(&call->request, "body");
    http_answer_begin(call, 200, &page);
    TRY(history_page(x, &query, &page, err));
    return http_answer_end(call, &page, err);
}

static int get_proof(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const char *text = http_param(&call->request, "id");
    CLEANUP(http_writer_done) struct http_writer answer = HTTP_WRITER_INIT;
    const struct exchange *x;
    int64_t person;

    TRY(find_person(call, &x, &person, err));
    if (strlen(text) > DIGITS_MAX || strspn(text, "0123456789") != strlen(text))
        return FAIL(err, ERR_ABSENT, "there is no such record of the exchange");
    http_answer_begin(call, 200, &answer);
    TRY(history_proof(x, portal->desk.keeper, person, strtoll(text, NULL, DECIMAL), &answer, err));
    return http_answer_end(call, &answer, err);
}

/* ---- words ---- */

static const struct http_form number_form = {"^[0-9]{1,15}$", "decimal digits"};
static const struct http_form receiver_form = {"^[-A-Za-z0-9._]{1,40}$",
                                               "up to 40 letters, digits, '-', '.' and '_'"};
static const struct http_form hash_form = {"^[0-9a-f]{64}$", "32 octets in hexadecimal"};

static const struct http_member page_query[] = {
    {"from", HTTP_TEXT, HTTP_OPTIONAL, "UTC seconds, inclusive", .form = &number_form},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "UTC seconds, inclusive; without it until now",
     .form = &number_form},
    {"body", HTTP_TEXT, HTTP_OPTIONAL, "who gave or received", .form = &receiver_form},
    {"what", HTTP_TEXT, HTTP_OPTIONAL, "what happened", .values = log_whats},
    {"offset", HTTP_TEXT, HTTP_OPTIONAL, "records to leave out", .form = &number_form},
    {"limit", HTTP_TEXT, HTTP_OPTIONAL, "records in the page, 20 without it, at most 1000",
     .form = &number_form},
    {NULL},
};
static const struct http_member record_members[] = {
    {"id", HTTP_INT, HTTP_REQUIRED, "of the record"},
    {"at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"what", HTTP_TEXT, HTTP_REQUIRED, "what happened", .values = log_whats},
    {"action", HTTP_TEXT, HTTP_REQUIRED, "the same as a sentence in Japanese"},
    {"action_en", HTTP_TEXT, HTTP_REQUIRED, "and in English"},
    {"receiver", HTTP_TEXT, HTTP_REQUIRED, "who received, or asked"},
    {"receiver_name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"receiver_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"receiver_system", HTTP_TEXT, HTTP_REQUIRED, "its system or department; may be empty"},
    {"giver", HTTP_TEXT, HTTP_OPTIONAL, "who gave, or was asked"},
    {"info", HTTP_TEXT, HTTP_OPTIONAL, "the code of what was asked for"},
    {"duty", HTTP_TEXT, HTTP_OPTIONAL, "under which duty"},
    {"procedure", HTTP_TEXT, HTTP_OPTIONAL, "in which procedure"},
    {"channel", HTTP_TEXT, HTTP_OPTIONAL, "over what, where a service did something",
     .values = note_channels},
    {"why", HTTP_TEXT, HTTP_OPTIONAL, "for what in plain Japanese, where no duty says it"},
    {"why_en", HTTP_TEXT, HTTP_OPTIONAL, "and in plain English"},
    {"items", HTTP_TEXT, HTTP_OPTIONAL, "what kind of items, where no code says it"},
    {"items_en", HTTP_TEXT, HTTP_OPTIONAL, "and in English"},
    {NULL},
};
#define NAME_MEMBERS                                                                               \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},                                             \
    {                                                                                              \
        "name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                          \
    }
static const struct http_member body_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "its code"}, NAME_MEMBERS, {NULL}};
static const struct http_member duty_members[] = {
    {"duty", HTTP_TEXT, HTTP_REQUIRED, "its code"},
    NAME_MEMBERS,
    {"why", HTTP_TEXT, HTTP_REQUIRED, "the same in plain Japanese"},
    {"why_en", HTTP_TEXT, HTTP_REQUIRED, "and in plain English"},
    {"basis", HTTP_TEXT, HTTP_REQUIRED, "the law that allows it, in Japanese"},
    {"basis_en", HTTP_TEXT, HTTP_REQUIRED, "and in English"},
    {NULL},
};
static const struct http_member procedure_members[] = {
    {"procedure", HTTP_TEXT, HTTP_REQUIRED, "its code"}, NAME_MEMBERS, {NULL}};
static const struct http_member words_members[] = {
    {"bodies", HTTP_ARRAY, HTTP_REQUIRED, "who gave and received", body_members},
    {"duties", HTTP_ARRAY, HTTP_REQUIRED, "why", duty_members},
    {"procedures", HTTP_ARRAY, HTTP_REQUIRED, "in what", procedure_members},
    {NULL},
};
static const struct http_member page_members[] = {
    {"first_at", HTTP_INT, HTTP_OR_NULL, "when the records begin, UTC seconds; null: none"},
    {"total", HTTP_INT, HTTP_REQUIRED, "records of the time and filters"},
    {"hidden", HTTP_INT, HTTP_REQUIRED, "further ones, which are not shown by law"},
    {"offset", HTTP_INT, HTTP_REQUIRED, "as asked for"},
    {"records", HTTP_ARRAY, HTTP_REQUIRED, "newest first", record_members},
    {"words", HTTP_OBJECT, HTTP_REQUIRED, "what the codes in them mean", words_members},
    {NULL},
};
static const struct http_member audit_members[] = {
    {"seq", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"actor", HTTP_TEXT, HTTP_REQUIRED, "who did it"},
    {"act", HTTP_TEXT, HTTP_REQUIRED, "what was done"},
    {"subject", HTTP_TEXT, HTTP_REQUIRED, "to what kind of thing"},
    {"commitment", HTTP_TEXT, HTTP_REQUIRED, "HMAC of kind and text under the salt",
     .form = &hash_form},
    {"outcome", HTTP_TEXT, HTTP_OR_NULL, "how it ended"},
    {"trace_id", HTTP_TEXT, HTTP_OR_NULL, "of the request"},
    {"leaf", HTTP_TEXT, HTTP_REQUIRED, "its hash in the tree", .form = &hash_form},
    {NULL},
};
static const struct http_member tree_members[] = {
    {"size", HTTP_INT, HTTP_REQUIRED, "records in it"},
    {"root", HTTP_TEXT, HTTP_REQUIRED, "which a signed checkpoint of that size has",
     .form = &hash_form},
    {"inclusion", HTTP_ARRAY, HTTP_REQUIRED, "hashes from the leaf upwards", .form = &hash_form},
    {NULL},
};
static const struct http_member opening_members[] = {
    {"record", HTTP_OBJECT, HTTP_REQUIRED, "of the audit log", audit_members},
    {"salt", HTTP_TEXT, HTTP_OR_NULL, "of the commitment", .form = &hash_form},
    {"tree", HTTP_OBJECT, HTTP_REQUIRED, "that the log has it", tree_members},
    {"checkpoint", HTTP_TEXT, HTTP_OPTIONAL,
     "a signed note of that tree (c2sp.org/tlog-checkpoint), where they are signed"},
    {NULL},
};
static const struct http_member proof_members[] = {
    {"record", HTTP_OBJECT, HTTP_REQUIRED, "as in a page", record_members},
    {"words", HTTP_OBJECT, HTTP_REQUIRED, "what the codes in it mean", words_members},
    {"text", HTTP_TEXT, HTTP_REQUIRED, "what the audit log was committed to"},
    {"proof", HTTP_OBJECT, HTTP_REQUIRED, "that it was", opening_members},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "a page of the log", page_members}, {0}};
static const struct http_answer proof_answers[] = {{200, "the record and its proof", proof_members},
                                                   {0}};

const struct route portal_history_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/history",
     .access = &portal_history_of,
     .query = page_query,
     .handle = get_history,
     .operation = "listHistory",
     .summary = "Read who gave what about oneself to whom",
     .answers = page_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/history/:id/proof",
     .access = &portal_history_of,
     .handle = get_proof,
     .operation = "proveHistory",
     .summary = "Read what proves that the signed log has a record",
     .answers = proof_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
