/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells services at their callback_uri that a process is over: POST with {"process_id": ...} and
 * nothing else; what there is they fetch with their token. A portal that browsers reach over TLS
 * goes to addresses of the Internet at large alone, never into the network around it.
 */
#pragma once

#include "portal/operator/process.h"

/*
 * Let go of applications that nobody confirmed, and look after one process whose time has come:
 * tell its service, or look again later. ERR_ABSENT if there is none. A service that cannot be told
 * is tried again, and given up after a day.
 */
MUST_CHECK int courier_step(const struct portal *portal, struct err *err);

struct courier;
/* observe is told of failures that are ours; NULL: nobody is. portal outlives it. */
MUST_CHECK int courier_start(const struct portal *portal,
                             void (*observe)(const struct err *failure), struct courier **ret,
                             struct err *err);
/* Stop and release; *courier may be NULL. */
void courier_stopp(struct courier **courier);
