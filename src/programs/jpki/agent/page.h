/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which page asks. Any page in a browser can reach a port of this computer, so the browser's word
 * for where a page comes from (Origin, which no page can set) decides, and the name by which the
 * port was reached: a page whose own host's name was made to point here names that host.
 */
#pragma once

#include "http/route.h"

/*
 * ERR_DENIED unless there is one Host, which is this computer by one of its own names with the
 * port of the server's context (struct agent, agent.h), and one Origin, of a page.
 */
extern const struct http_access agent_page;

/* The origin of the page; for calls that agent_page let in. */
const char *page_origin(const struct http_call *call);
/* ERR_DENIED unless the page's origin is that of this URL; ERR_INPUT if it is none. */
MUST_CHECK int page_check(const struct http_call *call, const char *url, struct err *err);
/* Let the page read the answer: to be called behind the reply. */
MUST_CHECK int page_allow(struct http_call *call, struct err *err);
/* The answer to the question that a browser asks before it lets the page ask. */
MUST_CHECK int page_preflight(struct http_call *call, struct err *err);
