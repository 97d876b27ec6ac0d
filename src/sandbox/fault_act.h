/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that are done to a person's card at once, as in life. Inside this room only. */
#pragma once

#include "sandbox/hand.h"
#include "sandbox/named_fault.h"

/* ERR_INPUT for a fault of another way; else what the card or the counter said. */
MUST_CHECK int fault_act(const struct hand_options *options, const struct persona *persona,
                         enum named_fault fault, struct err *err);
