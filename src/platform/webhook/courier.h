/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who delivers: a thread of its own for each tenant for whom something is due, 32
 * at one time, so that a tenant's dead server slows nobody else.
 */
#pragma once

#include "base/turns.h"
#include "platform/platform.h"

struct courier;

struct courier_options {
    struct turns *platforms;               /* of struct platform */
    void (*report)(const struct err *why); /* what fails here; NULL: nobody is told */
};

MUST_CHECK int courier_start(const struct courier_options *options, struct courier **ret,
                             struct err *err);
/* Waits for the deliveries at work, five seconds at most. Accepts NULL. */
void courier_stopp(struct courier **courier);
