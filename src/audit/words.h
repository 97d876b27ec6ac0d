/* SPDX-License-Identifier: Apache-2.0 */
/* 'GET /v1/audit' and its tree: what they take and answer, for each daemon that keeps a log. */
#pragma once

#include "audit/tree.h"
#include "http/route.h"

extern const struct http_member audit_query[];
/* The body that audit_list makes. */
extern const struct http_answer audit_answers[];
/* The same for 'GET /v1/audit/tree', of audit_tree (audit/tree.h). */
extern const struct http_member audit_tree_query[];
extern const struct http_answer audit_tree_answers[];
/* What the handlers of both fail with. */
enum { AUDIT_FAILS = HTTP_FAIL(ERR_CONFLICT) };

/* The rows of both, for who may read (struct http_access) and the daemon's handlers. */
#define AUDIT_ROUTES(reader, list, tree)                                                           \
    {.method = HTTP_GET,                                                                           \
     .path = "/v1/audit",                                                                          \
     .access = (reader),                                                                           \
     .query = audit_query,                                                                         \
     .handle = (list),                                                                             \
     .operation = "listAudit",                                                                     \
     .summary = "Read the audit log behind a number",                                              \
     .answers = audit_answers,                                                                     \
     .fails = AUDIT_FAILS},                                                                        \
    {                                                                                              \
        .method = HTTP_GET, .path = "/v1/audit/tree", .access = (reader),                          \
        .query = audit_tree_query, .handle = (tree), .operation = "getAuditTree",                  \
        .summary = "Have records of the audit log proven", .answers = audit_tree_answers,          \
        .fails = AUDIT_FAILS                                                                       \
    }

/* What a request for the tree asks for; the texts are the request's. */
struct audit_tree_query audit_tree_asked(const struct http_call *call);
