/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of notices in a consent: those that its interface has on that day, all of them together. A
 * kind that comes to the interface later is in no consent that was given before.
 */
#pragma once

#include "http/member.h"
#include "portal/gateway/api.h"
#include "portal/operator/consent.h"

/* The interface's kinds become the consent's. */
void operator_kinds_choose(const struct gateway_api *api, struct operator_consent *consent);
/* "kinds" of an object: the interface's; with a consent, those that it has. */
MUST_CHECK int operator_kinds_put(struct json *object, const struct gateway_api *api,
                                  const struct operator_consent *consent, struct err *err);
extern const struct http_member operator_kind_members[];
