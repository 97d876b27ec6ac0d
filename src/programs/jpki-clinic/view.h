/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as they are shown at a desk. */
#pragma once

#include "programs/jpki-clinic/desk.h"

/* A kind of consent, a msgid. */
const char *view_kind(enum eligibility_kind kind);
/* On standard output. *ret_code: EXIT_CODE_DONE for somebody who is insured, else what says so. */
MUST_CHECK int view_answer(const struct eligibility_answer *answer, bool json, int *ret_code,
                           struct err *err);
MUST_CHECK int view_reading(const struct eligibility_reading *reading, enum eligibility_kind kind,
                            bool json, int *ret_code, struct err *err);
