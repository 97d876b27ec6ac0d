/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints. */
#pragma once

#include "base/json.h"

/* One line of JSON on standard output. */
MUST_CHECK int output_json(const struct json *value, struct err *err);
