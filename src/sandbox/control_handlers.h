/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of the control API call. Inside this room only. */
#pragma once

#include "http/route.h"
#include "sandbox/page.h"

/* ERR_ABSENT if there is no such persona. */
MUST_CHECK int control_check_persona(const struct layout *layout, const char *name,
                                     struct err *err);

/* Have other keys sign, and wait until they do: what POST /v1/rotations answers. */
MUST_CHECK int control_rotate(const struct page *page, struct json **ret, struct err *err);

int control_list_faults(struct http_call *call, struct err *err);
int control_clear_faults(struct http_call *call, struct err *err);
int control_get_fault(struct http_call *call, struct err *err);
int control_put_fault(struct http_call *call, struct err *err);
int control_delete_fault(struct http_call *call, struct err *err);
int control_put_state(struct http_call *call, struct err *err);
#define CONTROL_PAGE_TYPE "text/html; charset=utf-8"

int control_get_page(struct http_call *call, struct err *err);
int control_post_page(struct http_call *call, struct err *err);
int control_get_clock(struct http_call *call, struct err *err);
int control_put_clock(struct http_call *call, struct err *err);
int control_post_reset(struct http_call *call, struct err *err);
int control_post_rotation(struct http_call *call, struct err *err);
int control_post_login(struct http_call *call, struct err *err);
