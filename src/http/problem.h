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

/*
 * A failure with a name of its own, by which programs tell it from others of its kind (RFC 9457,
 * 3.1.1). A row lists those that its handler has; a failure whose detail is HTTP_NAMED(i) is the
 * one at place i of that list.
 */
struct http_problem {
    const char *name; /* lower case with hyphens, behind HTTP_PROBLEM_URN; NULL ends a list */
    enum err_kind kind;
    const char *meaning; /* a phrase, the same each time */
};
enum { PROBLEM_NAME_MAX = 64 };
#define HTTP_PROBLEM_URN  "urn:openjpki:problem:"
#define HTTP_NAMED(place) (0x4e4d0000U + (uint32_t)(place))

/* The one that a failure is, of a list that may be NULL; NULL: it has no name there. */
const struct http_problem *problem_named(const struct http_problem *problems,
                                         const struct err *failure);

/* 400 input, 403 denied, 404 absent, 422 untrusted, 409 conflict, 503 remote and nomem, else 500 */
unsigned problem_status(enum err_kind kind);
/* What a status of 400 or more says: "not found". */
const char *problem_title(unsigned status);

/* The members of every problem body. */
extern const struct http_member problem_members[];

/*
 * Replace the response by {"type","title","status","detail","kind","request_id"}; type is
 * about:blank, or what named says. status 0 means problem_status(failure->kind). A 503 also gets
 * Retry-After. Cannot fail: without memory the body stays empty.
 */
void problem_reply(struct http_response *response, unsigned status, const struct err *failure,
                   const struct http_problem *named, const char *request_id);
