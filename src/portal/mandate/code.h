/* SPDX-License-Identifier: Apache-2.0 */
/* Codes that one person tells another, and types. Inside this subject only. */
#pragma once

#include "crypto/digest.h"
#include "portal/mandate/mandate.h"

MUST_CHECK int mandate_code_make(char ret[MANDATE_CODE_SIZE], struct err *err);
/* The hash that a code is known by, however it is typed: small letters, blanks, hyphens. */
MUST_CHECK int mandate_code_read(const char *typed, struct digest *ret, struct err *err);
