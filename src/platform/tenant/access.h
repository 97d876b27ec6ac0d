/* SPDX-License-Identifier: Apache-2.0 */
/* Which tenant asks: by its bearer key. */
#pragma once

#include "http/route.h"
#include "platform/tenant/store.h"

/* ERR_DENIED if the request carries no key, or nobody's. */
MUST_CHECK int tenant_bearer(const struct http_call *call, struct tenant *ret, struct err *err);

extern const struct http_access platform_tenant_access;
