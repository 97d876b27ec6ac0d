/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders of the register as their handlers get them, without a clerk who signs: for what happens
 * behind the signature.
 */
#pragma once

#include "http/response.h"
#include "register/counter.h"

/*
 * Have the order at this path done, by "clerk:test", now. body may be NULL. ERR_ABSENT if there is
 * none at this path, ERR_INPUT if the body does not fit its row, else as its handler fails.
 */
MUST_CHECK int order_run(const struct counter *counter, const char *path, const struct json *body,
                         struct http_response *ret, struct err *err);
