/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tenant asks, by its bearer key or the session of a member who logged in to the console
 * (member/access.h), and what the role of either lets it do. Every call with a key
 * is counted against the tenant's own rate, and refused (429) beyond it or beyond its month's
 * quota, so that nobody else waits for it.
 */
#pragma once

#include "http/route.h"
#include "platform/tenant/store.h"

/*
 * ERR_DENIED if the request carries neither key nor session, nobody's, or comes from an address
 * that the tenant does not ask from; ERR_INPUT if it carries both.
 */
MUST_CHECK int tenant_bearer(const struct http_call *call, struct tenant *ret, struct err *err);
/* Who acts, for the audit log: the tenant, or a member of it. */
struct audit_origin tenant_by(const struct http_call *call, const struct tenant *tenant);

extern const struct http_access platform_tenant_access; /* owners and developers */
extern const struct http_access platform_tenant_reader; /* auditors as well */
extern const struct http_access platform_tenant_member; /* any role */
extern const struct http_access platform_tenant_owner;
