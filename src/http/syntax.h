/* SPDX-License-Identifier: Apache-2.0 */
/* The letters of HTTP: tokens, field values, request targets, trace ids. No I/O, no allocation
 * outside the given arena. */
#pragma once

#include "http/request.h"

/* RFC 9110, 5.6.2: one or more token characters. */
bool http_is_token(struct bytes text);
/* RFC 9110, 5.5: no control characters but the tab. */
bool http_is_field_value(struct bytes text);

/*
 * The path of a request target in origin form, each segment decoded once. ERR_INPUT for anything
 * else, malformed escapes, bytes outside ASCII, dot segments (also when escaped), empty segments
 * but behind a last slash, and escapes that decode to a slash, a control character or malformed
 * UTF-8. *ret_query is what follows '?', as sent.
 */
MUST_CHECK int http_target_decode(struct arena *arena, struct bytes target, const char **ret_path,
                                  struct bytes *ret_query, struct err *err);
/*
 * The same where tail bytes of the path are literal and all behind them is one value, slashes,
 * dots and empty segments included (http/router.h).
 */
MUST_CHECK int http_tail_decode(struct arena *arena, struct bytes target, size_t tail,
                                const char **ret_path, struct bytes *ret_query, struct err *err);
/*
 * Query parameters "a=b&c", '+' being a space. ERR_INPUT for malformed escapes and UTF-8, control
 * characters, an empty name, a repeated name, or more than HTTP_QUERY_MAX.
 */
MUST_CHECK int http_query_decode(struct arena *arena, struct bytes query, struct http_fields *ret,
                                 struct err *err);

/*
 * Make trace_id and traceparent of a request: from a well-formed traceparent of version 00 (W3C
 * Trace Context, 2.2) with a new parent id, else new ones. value may be NULL.
 */
MUST_CHECK int http_trace_begin(struct http_request *request, const char *value, struct err *err);
