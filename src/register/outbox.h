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

struct outbox;

/*
 * Deliver at once and then every so often, in a thread, until outbox_stopp. observe is called
 * after each round, in the thread, with what outbox_deliver gave.
 */
MUST_CHECK int outbox_start(const struct counter *counter, unsigned every_ms,
                            void (*observe)(int rc, const struct delivered *counts,
                                            const struct err *failure),
                            struct outbox **ret, struct err *err);
void outbox_stopp(struct outbox **outbox);
