/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask and do what no tenant may, whatever it proves: a user of this machine who is listed,
 * on the Unix socket; whoever has an operator's key; a member of the operator, with his session.
 */
#pragma once

#include "audit/audit.h"
#include "http/route.h"

extern const struct http_access platform_operator;
/* Who it is, for the audit log; ERR_DENIED if it is none, ERR_INPUT for a key and a session. */
MUST_CHECK int operator_find(const struct http_call *call, struct audit_origin *ret,
                             struct err *err);
