/* SPDX-License-Identifier: Apache-2.0 */
/* A request and what was handed over, on paper. */
#pragma once

#include "base/json.h"
#include "paper/paper.h"

/* told: as selfinfo_tell tells a request with its records. */
MUST_CHECK int selfinfo_print(const struct json *told, struct paper *paper, struct err *err);
