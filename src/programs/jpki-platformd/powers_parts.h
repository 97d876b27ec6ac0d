/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox's build of jpki-platformd consists of besides. */
#pragma once

#include "http/route.h"
#include "programs/jpki-platformd/powers.h"

/* ---- powers_debug.c: what a verdict was made of ---- */
void debug_note(const struct platform *platform, const struct judged *judged);
MUST_CHECK int debug_explain(const struct http_call *call, struct json *debug, struct err *err);
