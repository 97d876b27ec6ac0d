/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the header says about the message around it: limits, length, encoding. Stricter than HTTP
 * asks: two fields that must agree are refused even if they do, so that no proxy in front can see
 * other messages than we do (request smuggling). Returns are HTTP statuses, 0 for yes.
 */
#pragma once

#include "http/exchange.h"

struct http_framing {
    bool has_body; /* a length above zero, or chunks */
    bool has_length;
    uint64_t length; /* if has_length */
    bool is_chunked;
};

/* Before anything is decoded: 400, 414, 417, 431, 501. */
MUST_CHECK unsigned http_framing_check(const struct http_head *head, struct http_framing *ret,
                                       struct err *err);
/* Whether the route takes this body: 400, 411, 413, 415. */
MUST_CHECK unsigned http_framing_admit(const struct http_request *request,
                                       const struct http_framing *framing,
                                       const struct route *route, struct err *err);
