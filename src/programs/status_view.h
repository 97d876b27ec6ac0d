/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a certificate is revoked, for verifiers and holders, as text and as JSON. */
#pragma once

#include "base/json.h"
#include "verify/status.h"

void print_status(uint64_t serial, const struct status *status, const struct report *report);
/*
 * Members status ("good", "revoked", "unknown"), revoked_at, reason, this_update, next_update
 * (null where they were not told) and reasons (an array of names) of object.
 */
MUST_CHECK int put_status(struct json *object, const struct status *status,
                          const struct report *report, struct err *err);
