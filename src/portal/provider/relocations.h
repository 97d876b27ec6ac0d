/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has the registers of municipalities follow a move at the register's counter
 * (exchange/relocation.h): asks the register for what is new, again and again.
 */
#pragma once

#include "portal/portal.h"

/* Follow what the register tells; ERR_ABSENT if that is nothing, ERR_REMOTE if it cannot be asked
 * or says what cannot be. */
MUST_CHECK int relocations_step(const struct portal *portal, struct err *err);

struct relocations;
/* observe is told of failures (base/series.h). portal outlives it. */
MUST_CHECK int relocations_start(const struct portal *portal,
                                 void (*observe)(const struct err *failure),
                                 struct relocations **ret, struct err *err);
/* Stop and release; *relocations may be NULL. */
void relocations_stopp(struct relocations **relocations);
