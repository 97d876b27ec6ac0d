/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures as problem details (RFC 9457). The failure's own sentence goes out only where the
 * sender or the person can act on it; what only the operator or the programmer can mend is told
 * as "internal error" with the request id, and belongs into the log.
 */
#pragma once

#include "http/member.h"
#include "http/response.h"

#define HTTP_PROBLEM_TYPE "application/problem+json"

/* 400 input, 403 denied, 404 absent, 422 untrusted, 409 conflict, 503 remote and nomem, else 500 */
unsigned problem_status(enum err_kind kind);
/* What a status of 400 or more says: "not found". */
const char *problem_title(unsigned status);

/* The members of every problem body. */
extern const struct http_member problem_members[];

/*
 * Replace the response by {"type":"about:blank","title","status","detail","kind","request_id"}.
 * status 0 means problem_status(failure->kind). A 503 also gets Retry-After. Cannot fail: without
 * memory the body stays empty.
 */
void problem_reply(struct http_response *response, unsigned status, const struct err *failure,
                   const char *request_id);
