/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox does to be never mistaken for the real thing (design 1). */
#pragma once

#include "base/err.h"

/*
 * ERR_INPUT unless a CA's name, as text, has the word TEST in it. A sandbox, whose time can be
 * moved and whose people are made up, works for no other CA.
 */
MUST_CHECK int sandbox_check_ca_name(const char *name, struct err *err);
