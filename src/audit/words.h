/* SPDX-License-Identifier: Apache-2.0 */
/* What 'GET /v1/audit' takes and answers, for the row of each daemon that keeps a log. */
#pragma once

#include "http/route.h"

extern const struct http_member audit_query[];
/* The body that audit_list makes. */
extern const struct http_answer audit_answers[];
/* Of the handler. */
/* The same for 'GET /v1/audit/tree', of audit_tree (audit/tree.h). */
extern const struct http_member audit_tree_query[];
extern const struct http_answer audit_tree_answers[];
enum { AUDIT_FAILS = HTTP_FAIL(ERR_CONFLICT) };
