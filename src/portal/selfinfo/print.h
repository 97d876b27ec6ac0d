/* SPDX-License-Identifier: Apache-2.0 */
/* A request and what was handed over, on paper. */
#pragma once

#include "base/json.h"
#include "paper/paper.h"

/* told: as selfinfo_tell tells a request with its records. language: of the paper. */
MUST_CHECK int selfinfo_print(const struct json *told, enum paper_language language,
                              struct paper *paper, struct err *err);
