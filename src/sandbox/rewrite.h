/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written on the card in the reader, written anew when its holder has another name or
 * address: text and pictures with their signatures, the record, and the codes that follow from what
 * is printed. The keys of the applets stay.
 */
#pragma once

#include "sandbox/clerk.h"

/* As often as wanted. ERR_REMOTE, or what the register or the card refused, in their words. */
MUST_CHECK int rewrite_card(const struct clerk *clerk, const char *serial, struct err *err);
