/* SPDX-License-Identifier: Apache-2.0 */
/* What an audit log says, in lines that tests can compare. */
#pragma once

#include "base/json.h"

/*
 * The page, which is released, has exactly these records: "act actor outcome\n" each, without the
 * outcome if there is none. A failure ends the running test.
 */
void assert_log(struct json *page, const char *expected);
