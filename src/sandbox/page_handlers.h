/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of the start page call. Inside this room only. */
#pragma once

#include "http/route.h"

int page_get_html(struct http_call *call, struct err *err);
int page_get_script(struct http_call *call, struct err *err);
int page_get_style(struct http_call *call, struct err *err);
int page_get_icon(struct http_call *call, struct err *err);
int page_get_state(struct http_call *call, struct err *err);
int page_get_trace(struct http_call *call, struct err *err);
int page_get_personas(struct http_call *call, struct err *err);
