/* SPDX-License-Identifier: Apache-2.0 */
/* One login, from its address to its answer. Inside this room only. */
#pragma once

#include "sandbox/hand.h"
#include "sandbox/phone.h"

/*
 * Answer it, or say no where the holder gives up: what was met is in login->faults. ERR_DENIED,
 * ERR_ABSENT, ... if it was not answered, and then it was refused, unless the holder stays silent.
 */
MUST_CHECK int phone_answer(const struct hand_options *options, const struct persona *persona,
                            const struct phone_login *login, struct err *err);
