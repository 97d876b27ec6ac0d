/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority bills a platform for a month, split by tenant (pki.md 6): each tenant's use at
 * the authority's price of the day, and a rest that the platform bears itself: questions that the
 * authority counted and that were lost on their way back, its own looks, or counts that the
 * authority dates by another day (then it is below 0 on one side). All statements and the rest
 * together are the authority's, to the yen and to the count.
 */
#pragma once

#include "platform/fee/usage.h"
#include "platform/platform.h"

/*
 * Statements of one tenant, or with client_id NULL of all, and the rest: the body of an answer. The
 * authority is asked for its prices. ERR_INPUT for what is no month; ERR_REMOTE.
 */
MUST_CHECK int fee_statement(const struct platform *platform, struct signer *signer,
                             const char *month, const char *client_id, struct json **ret,
                             struct err *err);
