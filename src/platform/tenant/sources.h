/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that a tenant asks from: "192.0.2.7 198.51.100.0/24 2001:db8::/32". */
#pragma once

#include "base/err.h"

#include <stdbool.h>

/* ERR_INPUT unless it is such a list, or empty. */
MUST_CHECK int sources_check(const char *list, struct err *err);
/* Whether an address is in a list; an empty one has all, a malformed address is in none else. */
bool sources_have(const char *list, const char *address);
