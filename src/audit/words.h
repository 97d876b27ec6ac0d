/* SPDX-License-Identifier: Apache-2.0 */
/* 'GET /v1/audit', its tree and its checkpoints: what they take and answer, for each daemon that
 * keeps a log. */
#pragma once

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"
#include "http/route.h"

extern const struct http_member audit_record_members[]; /* of one record that is told */
extern const struct http_member audit_query[];
/* The body that audit_list makes. */
extern const struct http_answer audit_answers[];
/* The same for 'GET /v1/audit/tree', of audit_tree (audit/tree.h). */
extern const struct http_member audit_tree_query[];
extern const struct http_answer audit_tree_answers[];
/* What the handlers of both fail with. */
enum { AUDIT_FAILS = HTTP_FAIL(ERR_CONFLICT) };

/* 'GET' and 'POST /v1/audit/checkpoint': a signed note. */
extern const struct http_member audit_checkpoint_query[];
extern const struct http_answer audit_checkpoint_answers[];
extern const struct http_answer audit_checkpoint_made_answers[];
enum { AUDIT_CHECKPOINT_FAILS = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) };
/* The handlers of the log and the tree, for a daemon's database. */
MUST_CHECK int audit_answer_list(struct http_call *call, struct db *db, struct err *err);
MUST_CHECK int audit_answer_tree(struct http_call *call, struct db *db, struct err *err);
/*
 * Those of both about checkpoints, for its keeper; NULL: ERR_ABSENT, it makes none. GET shows the
 * last one or that of a size, POST makes one of all that is there.
 */
MUST_CHECK int audit_answer_checkpoint(struct http_call *call, struct audit_keeper *keeper,
                                       struct err *err);

/* The peer of a Unix socket who is a witness of the log; keeper may be NULL. */
bool audit_witness_asks(const struct http_call *call, const struct audit_keeper *keeper);
#define AUDIT_WITNESS_MEANING                                                                      \
    "Served on a Unix socket, to whoever may read the audit log, and to the user ids listed as "   \
    "witness_peers."

/*
 * The rows of all of them, for who may read (struct http_access), who may see checkpoints and
 * proofs, and the daemon's handlers; the last one is for both rows about checkpoints.
 */
#define AUDIT_ROUTES(reader, witness, list, tree, checkpoint)                                      \
    {.method = HTTP_GET,                                                                           \
     .path = "/v1/audit",                                                                          \
     .access = (reader),                                                                           \
     .query = audit_query,                                                                         \
     .handle = (list),                                                                             \
     .operation = "listAudit",                                                                     \
     .summary = "Read the audit log behind a number",                                              \
     .answers = audit_answers,                                                                     \
     .fails = AUDIT_FAILS},                                                                        \
        {.method = HTTP_GET,                                                                       \
         .path = "/v1/audit/checkpoint",                                                           \
         .access = (witness),                                                                      \
         .query = audit_checkpoint_query,                                                          \
         .handle = (checkpoint),                                                                   \
         .operation = "getAuditCheckpoint",                                                        \
         .summary = "Read a signed checkpoint of the audit log",                                   \
         .answers = audit_checkpoint_answers,                                                      \
         .fails = AUDIT_CHECKPOINT_FAILS},                                                         \
        {.method = HTTP_POST,                                                                      \
         .path = "/v1/audit/checkpoint",                                                           \
         .access = (reader),                                                                       \
         .handle = (checkpoint),                                                                   \
         .operation = "makeAuditCheckpoint",                                                       \
         .summary = "Have a checkpoint of the audit log made",                                     \
         .answers = audit_checkpoint_made_answers,                                                 \
         .fails = AUDIT_CHECKPOINT_FAILS},                                                         \
    {                                                                                              \
        .method = HTTP_GET, .path = "/v1/audit/tree", .access = (witness),                         \
        .query = audit_tree_query, .handle = (tree), .operation = "getAuditTree",                  \
        .summary = "Have records of the audit log proven", .answers = audit_tree_answers,          \
        .fails = AUDIT_FAILS                                                                       \
    }
