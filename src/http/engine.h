/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What turns bytes into calls. Two engines: engine_mhd.c (sockets, libmicrohttpd) behind
 * http/server.h, and engine_loopback.c (one request in memory) for tests and fuzzing.
 */
#pragma once

#include "http/server.h"

/*
 * One request through routes, checks and handler, in the calling thread, without a socket. The
 * response is appended to ret as it would go over the wire. Bytes that are no HTTP/1.1 request
 * give 400; a body must have Content-Length. Fails only for lack of memory or a faulty table.
 */
MUST_CHECK int http_loopback(const struct http_server_options *options,
                             const struct http_peer *peer, struct bytes request, struct buf *ret,
                             struct err *err);
