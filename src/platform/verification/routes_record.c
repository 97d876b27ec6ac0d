/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That the audit log has a tenant's verification, shown to that tenant. The record of the judging
 * itself says more than a tenant may know (platform/acts.h). So the question is put into the log,
 * with what the tenant was told and the number of that record, and this record is opened: whoever
 * has the proof can check it with the log's key alone, and whoever may read the log can see whether
 * both say the same.
 */
#include "platform/routes.h"

#include "audit/keeper.h"
#include "audit/opening.h"
#include "audit/words.h"
#include "platform/tenant/access.h"
#include "platform/verification/verification.h"

#include <stdio.h>

/* What the opening has beside its tree, into the body; a salt that was removed is null. */
static int take_over(const struct json *opening, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *copy = NULL;
    const struct json *record;
    const char *salt;

    TRY(json_get_object(opening, "record", &record, err));
    TRY(json_duplicate(record, &copy, err));
    TRY(json_put(body, "record", json_steal(&copy), err));
    if (json_is_null_member(opening, "salt"))
        return json_put_null(body, "salt", err);
    TRY(json_get_text(opening, "salt", &salt, err));
    return json_put_text(body, "salt", salt, err);
}

/* Record and salt, and the tree of as many records as the checkpoint is of. */
static int make_proof(struct db *db, int64_t seq, int64_t size, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *opening = NULL;
    CLEANUP(json_freep) struct json *body = NULL;
    char record[24];
    char records[24];
    const struct audit_tree_query query = {.size = records, .record = record};

    (void)snprintf(record, sizeof record, "%lld", (long long)seq);
    (void)snprintf(records, sizeof records, "%lld", (long long)size);
    TRY(audit_opening(db, seq, &opening, err));
    TRY(audit_tree(db, &query, &body, err));
    TRY(take_over(opening, body, err));
    *ret = json_steal(&body);
    return 0;
}

static int post_record(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    struct tenant tenant;
    struct audit_origin by;
    int64_t seq;
    int64_t size;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    if (platform->keeper == NULL)
        return FAIL(err, ERR_ABSENT, "no checkpoints are made of the audit log here");
    TRY(platform_show_verification(platform->store, http_param(&call->request, "id"),
                                   tenant.client_id, &by, &seq, err));
    TRY(audit_keeper_make(platform->keeper, &note, &size, err));
    TRY(make_proof(platform_store_db(platform->store), seq, size, &body, err));
    TRY(json_put_bytes(body, "checkpoint", buf_bytes(&note), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static const struct http_form hash_form = {"^[0-9a-f]{64}$", "32 octets in hexadecimal"};
static const struct http_member record_members[] = {
    {"record", HTTP_OBJECT, HTTP_REQUIRED, "of this question", audit_record_members},
    {"salt", HTTP_TEXT, HTTP_OR_NULL, "of its commitment to the verification's id",
     .form = &hash_form},
    {"size", HTTP_INT, HTTP_REQUIRED, "how many records the log has"},
    {"root", HTTP_TEXT, HTTP_REQUIRED, "its Merkle tree hash (RFC 9162, 2.1.1)",
     .form = &hash_form},
    {"inclusion", HTTP_ARRAY, HTTP_REQUIRED, "the proof (RFC 9162, 2.1.3.1)", .form = &hash_form},
    {"checkpoint", HTTP_TEXT, HTTP_REQUIRED, "a signed note of that (c2sp.org/tlog-checkpoint)"},
    {NULL},
};
static const struct http_answer record_answers[] = {
    {201, "a record of the audit log, and the proof of it", record_members}, {0}};

const struct route platform_verification_record_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifications/:id/record",
     .access = &platform_tenant_reader,
     .handle = post_record,
     .operation = "proveVerification",
     .summary = "Have it proven that the audit log has a verification",
     .answers = record_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
