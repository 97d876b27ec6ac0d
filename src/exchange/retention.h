/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the exchange are kept for seven years, in Japan's calendar, and then removed, with the
 * salts by which somebody could still prove them; the audit log and its tree stay whole. Records
 * that the law hides go at the same time as others, and so do questions that are over. Inside this
 * room only.
 */
#pragma once

#include "exchange/exchange.h"

enum { RETENTION_YEARS = 7, RETENTION_BATCH = 1000, RETENTION_PAUSE = 3600 };

/* The first moment whose records are kept: the same day of the year, seven years before. */
int64_t retention_begin(int64_t now);
/* Remove at most RETENTION_BATCH records and questions; *ret_count of them were. */
MUST_CHECK int retention_step(const struct exchange *x, int64_t *ret_count, struct err *err);
