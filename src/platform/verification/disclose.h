/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider may be told of a verdict (design 6, rule 5). */
#pragma once

#include "verify/verdict.h"

/* The names of all reasons that may leave the platform, NULL-terminated. */
extern const char *const disclosed_reasons[];

/*
 * The same verdict with reasons that may leave the platform: revoked and held are one, and whatever
 * kept revocation from being found out is "not checked".
 */
struct report disclose(const struct report *report);
