/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What turns bytes into exchanges. Two engines: engine_mhd.c (sockets, libmicrohttpd), and
 * engine_loopback.c (one request in memory) for tests and fuzzing.
 */
#pragma once

#include "http/pool.h"

struct http_engine;

/* Serve on a listening socket, which the engine takes, also on failure. site and pool outlive it.
 */
MUST_CHECK int http_engine_start(const struct http_site *site, struct http_pool *pool,
                                 int listen_fd, struct http_engine **ret, struct err *err);
/*
 * Drain and release; accepts NULL. Returns when no response is owed any more: at the latest when
 * the deadlines of all open connections have passed.
 */
void http_engine_stop(struct http_engine *engine);

/*
 * One request through routes, checks and handler, in the calling thread, without a socket; a worker
 * is opened and closed for it. The response is appended to ret as it would go over the wire. Bytes
 * that are no HTTP/1 request give 400; a body must have Content-Length. Fails only for lack of
 * memory, faulty options, a status that the row does not have, or a body that is not in its forms.
 */
MUST_CHECK int http_loopback(const struct http_server_options *options,
                             const struct http_peer *peer, struct bytes request, struct buf *ret,
                             struct err *err);
