/* SPDX-License-Identifier: Apache-2.0 */
/* The handler of POST /v1/cards/:id/personal-files and its shape, for the table in routes.c. */
#pragma once

#include "audit/audit.h"
#include "http/server.h"

/* Who calls, for the audit log (routes.c). */
struct audit_origin register_caller(const struct http_call *call);

int register_post_personal_files(struct http_call *call, struct err *err);

extern const struct http_member personal_members[];
extern const struct http_answer personal_answers[];
