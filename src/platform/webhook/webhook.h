/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to tenants, as Standard Webhooks has them: the fields webhook-id, webhook-timestamp and
 * webhook-signature, the latter "v1," and the base64 of an HMAC-SHA256 over id.timestamp.body; two
 * of them, with a blank between, while a secret is being changed.
 *
 * Secrets are not kept: each is derived from the platform's own, the webhook's id and the number of
 * its generation.
 */
#pragma once

#include "platform/platform.h"
#include "platform/webhook/store.h"

enum { WEBHOOK_SECRET_SIZE = 51 }; /* "whsec_", 32 octets in base64 and a NUL */

/* ERR_INPUT for a URL that is not called: https only, and no user in it; http where all are. */
MUST_CHECK int webhook_check_url(const struct platform *platform, const char *url, struct err *err);
/* A webhook for a tenant, and its secret, told now and never again. */
MUST_CHECK int webhook_add(const struct platform *platform, const char *client_id, const char *url,
                           const struct audit_origin *by, struct webhook *ret,
                           char ret_secret[WEBHOOK_SECRET_SIZE], struct err *err);
/* Another secret; both sign for WEBHOOK_OVERLAP_SECONDS. */
MUST_CHECK int webhook_rotate(const struct platform *platform, const char *client_id,
                              const char *id, const struct audit_origin *by,
                              char ret_secret[WEBHOOK_SECRET_SIZE], struct err *err);

/*
 * Deliver what is due for a tenant, until nothing is or something fails, which is then due later by
 * the platform's clock, or dead. Whatever a tenant's server does is no failure of this. *stop is
 * looked at before each; NULL: never stop.
 */
MUST_CHECK int webhook_deliver_due(const struct platform *platform, const char *client_id,
                                   bool (*stop)(void *context), void *context, struct err *err);
