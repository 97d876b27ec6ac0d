/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations that the register has ordered, on their way to the authority. */
#pragma once

#include "register/counter.h"

struct delivered {
    unsigned done;    /* the authority has revoked */
    unsigned refused; /* it will not: revoked before, under another id */
};

/*
 * Deliver what is pending, in order; *ret counts it, also on failure. ERR_REMOTE ends it at the
 * order that cannot be delivered now. An order for a certificate that the authority does not know
 * stays pending too and is reported (ERR_ABSENT), but those behind it are delivered.
 */
MUST_CHECK int outbox_deliver(const struct counter *counter, const char *traceparent,
                              struct delivered *ret, struct err *err);
