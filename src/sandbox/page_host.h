/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask the start page. A page of the internet can have its own name resolve to 127.0.0.1
 * and then read what is served there as if it were its own (DNS rebinding), but its browser still
 * says the name.
 */
#pragma once

#include "http/route.h"

/* Whether the value of the field Host is 127.0.0.1 or localhost, with or without a port. */
bool page_host_is_local(const char *host);
/* Whoever names this machine. */
extern const struct http_access page_local;
/*
 * The same for what changes something: and not for a page of another origin, as the browser says in
 * Origin (Fetch, 3.2.5). Programs send no such field.
 */
extern const struct http_access page_own_origin;
