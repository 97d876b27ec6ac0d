/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bodies know a person by (docs/decisions/0091): codes that the register tells for a reference
 * which it alone can read. Inside this room only.
 */
#pragma once

#include "portal/limits.h"
#include "portal/portal.h"

#define PORTAL_BODY "PORTAL" /* the portal itself among the bodies */

/*
 * The code of each of these bodies, in their order. ERR_REMOTE if the register cannot be asked;
 * ERR_UNTRUSTED if it does not take the reference, or the certificate behind it does not count any
 * more.
 */
MUST_CHECK int codes_ask(const struct portal *portal, const char *person_reference,
                         const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                         struct err *err);
