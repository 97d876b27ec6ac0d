/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that attaches a file, whoever it comes from: the owner of an application, or a service
 * that prepared one.
 */
#pragma once

#include "http/route.h"
#include "portal/application/store.h"

/*
 * What its query and its octets say. ERR_INPUT for a name that is none and for what is no PDF, JPEG
 * or PNG; ERR_DENIED for what bears an individual number.
 */
MUST_CHECK int attaching_read(const struct http_call *call, struct attachment *ret,
                              struct err *err);
/* 201, with its number. */
MUST_CHECK int attaching_reply(struct http_call *call, int64_t number, struct err *err);
extern const struct http_member attaching_query[];
extern const struct http_answer attaching_answers[];
