/* SPDX-License-Identifier: Apache-2.0 */
/* Ask routes in memory. What goes wrong on the way fails the running test. */
#pragma once

#include "http/engine.h"

/*
 * The status of a request with this line ("GET /v1/crls"); the whole answer is in *answer, with a
 * NUL behind it. A body is JSON; BYTES_NONE: there is none.
 */
unsigned routes_ask(const struct http_server_options *options, const struct http_peer *peer,
                    const char *line, struct bytes body, struct buf *answer);
