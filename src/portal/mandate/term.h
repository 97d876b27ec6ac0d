/* SPDX-License-Identifier: Apache-2.0 */
/* How long one counts, in a request. Inside this subject only. */
#pragma once

#include "portal/mandate/mandate.h"

/* From "until", a day: until that day is over in Japan. ERR_INPUT past MANDATE_DAYS_MAX. */
MUST_CHECK int mandate_read_end(const struct json *json, int64_t now, int64_t *ret,
                                struct err *err);
