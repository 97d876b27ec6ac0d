/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers as rows declare them. A successful one that is not declared is not sent: whoever asks
 * learns what the row says and nothing beside it. A failure is told as it is, but the program's log
 * learns that its row does not know it (http_event.is_undeclared).
 */
#pragma once

#include "http/route.h"
#include "http/writer.h"

/*
 * ERR_USAGE unless the row has an answer of this status, and the body is the JSON object it
 * declares, or of its media type, or not there.
 */
MUST_CHECK int http_answer_check(const struct route *route, const struct http_response *response,
                                 struct err *err);
/*
 * Write the JSON object that the call's row declares for this status (http/writer.h), and answer
 * with it. ERR_USAGE, and the response as it was, for what the row does not declare.
 */
void http_answer_begin(const struct http_call *call, unsigned status, struct http_writer *writer);
MUST_CHECK int http_answer_end(struct http_call *call, struct http_writer *writer, struct err *err);
/*
 * For tests: ERR_USAGE unless the JSON of such a body is in the forms of its members, too. In
 * service this is not looked at: a spelling that a document does not have harms whoever asks less
 * than no answer does, and looking takes as long as all the rest.
 */
MUST_CHECK int http_answer_check_forms(const struct route *route,
                                       const struct http_response *response, struct err *err);
/* Whether a call of this row can end with this status, as far as the row says. */
bool http_answer_is_declared(const struct route *route, unsigned status);
/*
 * The statuses below 600 with which a call of this row can fail and that are not among its answers,
 * one after the other: the next one above status, 0 if there is none.
 */
unsigned http_answer_next_failure(const struct route *route, unsigned status);
/* ERR_USAGE unless a row has a name, a summary, and answers that can be told apart. */
MUST_CHECK int http_answer_valid(const struct route *route, struct err *err);
