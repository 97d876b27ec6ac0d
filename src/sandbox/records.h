/* SPDX-License-Identifier: Apache-2.0 */
/* What bodies hold about a persona: made by the portal's providers, once the register knows her. */
#pragma once

#include "sandbox/clerk.h"
#include "sandbox/persona.h"

/*
 * Fill the registers of the persona's municipality and prefecture, and of the bodies that are there
 * once, under the codes that the register tells for the holder of this card. Failures are the
 * caller's to weigh: a card is one without them.
 */
MUST_CHECK int records_fill(const struct layout *layout, const struct clerk *clerk,
                            const struct persona *persona, const char *serial, struct err *err);
