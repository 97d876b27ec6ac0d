/* SPDX-License-Identifier: Apache-2.0 */
/* What the insurer holds of some personas, so that each answer of an eligibility check is there. */
#pragma once

#include "sandbox/persona.h"

/*
 * The body of a question to the portal that files it for a persona, under the insurer's code of
 * the person; ERR_ABSENT for a persona whose insurance is made by chance. now: UTC seconds.
 */
MUST_CHECK int insured_records(const char *persona, const char *code, int64_t now,
                               struct json **ret, struct err *err);
