/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/words.h"

static const struct http_form hash_form = {"^[0-9a-f]{64}$", "32 octets in hexadecimal"};
static const struct http_form trace_form = {"^[0-9a-f]{32}$", "16 octets in hexadecimal"};

const struct http_member audit_query[] = {
    {"since", HTTP_INT, HTTP_OPTIONAL, "number of the last record the caller knows, or 0"},
    {NULL},
};

const struct http_member audit_record_members[] = {
    {"seq", HTTP_INT, HTTP_REQUIRED, "its number: dense, in the order of commits"},
    {"at", HTTP_INT, HTTP_REQUIRED, "when it was done"},
    {"actor", HTTP_TEXT, HTTP_REQUIRED, "who did it: a user id, a tenant, the daemon itself"},
    {"act", HTTP_TEXT, HTTP_REQUIRED, "what was done"},
    {"subject", HTTP_TEXT, HTTP_REQUIRED, "the kind of thing it was done to"},
    {"commitment", HTTP_TEXT, HTTP_REQUIRED, "which one, as a salted hash", .form = &hash_form},
    {"outcome", HTTP_TEXT, HTTP_OR_NULL, "how it ended"},
    {"trace_id", HTTP_TEXT, HTTP_OR_NULL, "the request that it belongs to", .form = &trace_form},
    {"leaf", HTTP_TEXT, HTTP_REQUIRED, "hash of the record as a leaf (RFC 9162, 2.1.1)",
     .form = &hash_form},
    {NULL},
};

static const struct http_member page_members[] = {
    {"records", HTTP_ARRAY, HTTP_REQUIRED, "the records, in order", audit_record_members},
    {"last", HTTP_INT, HTTP_REQUIRED, "number of the last one in it; what to give as since next"},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there are others behind"},
    {NULL},
};

const struct http_answer audit_answers[] = {{200, "a page of the log", page_members}, {0}};

const struct http_member audit_tree_query[] = {
    {"size", HTTP_INT, HTTP_OPTIONAL, "of the first so many records; all, if it is missing"},
    {"record", HTTP_INT, HTTP_OPTIONAL, "number of a record, to be proven to be among them"},
    {"since", HTTP_INT, HTTP_OPTIONAL, "an earlier size, to be proven to be continued"},
    {NULL},
};

static const struct http_member tree_members[] = {
    {"size", HTTP_INT, HTTP_REQUIRED, "how many records it is of"},
    {"root", HTTP_TEXT, HTTP_REQUIRED, "its Merkle tree hash (RFC 9162, 2.1.1)",
     .form = &hash_form},
    {"inclusion", HTTP_ARRAY, HTTP_OPTIONAL, "the proof about the record (RFC 9162, 2.1.3.1)"},
    {"consistency", HTTP_ARRAY, HTTP_OPTIONAL, "the proof about since (RFC 9162, 2.1.4.1)"},
    {NULL},
};

const struct http_answer audit_tree_answers[] = {{200, "the log as a Merkle tree", tree_members},
                                                 {0}};

#define NOTE_TYPE "text/plain; charset=utf-8"

const struct http_member audit_checkpoint_query[] = {
    {"size", HTTP_INT, HTTP_OPTIONAL, "the one of so many records; the last, if it is missing"},
    {NULL},
};

const struct http_answer audit_checkpoint_answers[] = {
    {200, "a signed note (c2sp.org/tlog-checkpoint)", .type = NOTE_TYPE}, {0}};
const struct http_answer audit_checkpoint_made_answers[] = {
    {201, "a signed note of all records (c2sp.org/tlog-checkpoint)", .type = NOTE_TYPE}, {0}};

bool audit_witness_asks(const struct http_call *call, const struct audit_keeper *keeper)
{
    return call->request.peer.is_unix && audit_keeper_knows(keeper, call->request.peer.cred.uid);
}

/* The texts are the request's. */
static struct audit_tree_query asked_tree(const struct http_call *call)
{
    return (struct audit_tree_query){.size = http_query(&call->request, "size"),
                                     .record = http_query(&call->request, "record"),
                                     .since = http_query(&call->request, "since")};
}

int audit_answer_list(struct http_call *call, struct db *db, struct err *err)
{
    struct json *body;

    TRY(audit_list(db, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

int audit_answer_tree(struct http_call *call, struct db *db, struct err *err)
{
    const struct audit_tree_query query = asked_tree(call);
    struct json *body;

    TRY(audit_tree(db, &query, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

int audit_answer_checkpoint(struct http_call *call, struct audit_keeper *keeper, struct err *err)
{
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    bool is_made = call->request.method == HTTP_POST;
    int64_t size;

    if (keeper == NULL)
        return FAIL(err, ERR_ABSENT, "no checkpoints are made of this log");
    if (is_made)
        TRY(audit_keeper_make(keeper, &note, &size, err));
    else
        TRY(audit_keeper_show(keeper, http_query(&call->request, "size"), &note, err));
    http_reply_buf(&call->response, is_made ? 201 : 200, NOTE_TYPE, &note);
    return 0;
}
