/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox's build of a daemon does to the requests it serves: faults that were set, or that
 * the request itself asks for in the field X-JPKI-Sandbox-Fault (names with commas between).
 */
#pragma once

#include "http/route.h"
#include "sandbox/powers_map.h"

#include <stdint.h>

#define POWERS_FAULT_FIELD "X-JPKI-Sandbox-Fault"
#define POWERS_DEBUG_FIELD "X-JPKI-Sandbox-Debug"

/* Open what the owner has set, once per process, before it is confined (powers_map.h). */
MUST_CHECK int powers_http_open(struct err *err);
/* NULL if this process belongs to no sandbox that sets anything. */
const struct http_powers *powers_http(void);
/* What is set; NULL as above. */
struct powers_page *powers_http_page(void);

/*
 * Whether the request that this thread handles meets a fault: it asked for it, or it is set, and is
 * then one time fewer.
 */
bool powers_meet(enum named_fault fault);
/* A bit for each fault that it asked for. */
uint64_t powers_asked(void);

/*
 * Say more of answers where the request has X-JPKI-Sandbox-Debug: 1: once it is handled, members
 * are put into an object, which the answer gets as "debug" if it is a JSON object. Never a secret.
 * debug is NULL where the request did not ask: what was noted for it is to be forgotten. Once per
 * process, before it serves.
 */
typedef int powers_explain_fn(const struct http_call *call, struct json *debug, struct err *err);
void powers_http_explain(powers_explain_fn *explain);
