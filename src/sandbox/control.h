/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control API of a sandbox: what its owner sets, for programs (docs/sandbox.md). The server's
 * context is the struct page, with powers and phone.
 *   GET /v1/faults, GET PUT DELETE /v1/faults/:name, DELETE /v1/faults
 *   PUT /v1/state      what is set, as a whole
 *   GET PUT /v1/clock
 *   POST /v1/reset     clear what is set
 *   POST /v1/rotations other keys sign ID tokens and reports
 *   GET POST /set      a page with forms for most of it
 *   POST /v1/logins    have a persona answer a login
 */
#pragma once

#include "http/route.h"

extern const struct route page_control_routes[];
extern const struct http_member control_powers_members[];
