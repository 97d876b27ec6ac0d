/* SPDX-License-Identifier: Apache-2.0 */
/* The people of a sandbox as people and programs are shown them. */
#pragma once

#include "base/json.h"
#include "sandbox/layout.h"

/*
 * The object that 'persona list --json' prints. Also without a sandbox: then there are none but
 * our own, and nobody's card is in the reader.
 */
MUST_CHECK int persona_list_json(const struct layout *layout, struct json **ret, struct err *err);
