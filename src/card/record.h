/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the common and the juki applet: simple TLVs (ISO 7816-4, 5.2.1) one behind the other,
 * the tag being one byte and the length one byte or FF and two.
 */
#pragma once

#include "base/bytes.h"

/*
 * Take the first record off *rest, header included. False, and nothing changed, if none is there
 * or it is cut off or has a tag 00 or FF, which ISO 7816-4 does not allow.
 */
bool record_next(struct bytes *rest, struct bytes *ret);
