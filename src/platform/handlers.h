/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers behind the rows of routes.c. Inside this room only. */
#pragma once

#include "http/route.h"
#include "platform/platform.h"

/* The worker's connection to signerd. */
MUST_CHECK int platform_signer(struct http_call *call, struct signer **ret, struct err *err);

http_handler_fn platform_get_metrics;
http_handler_fn platform_post_login;
http_handler_fn platform_show_login;
http_handler_fn platform_post_answer;
http_handler_fn platform_post_redeem;

/* A tenant, by its bearer key. */
extern const struct http_access platform_tenant_access;

http_handler_fn platform_post_verification;
http_handler_fn platform_show_verification;
