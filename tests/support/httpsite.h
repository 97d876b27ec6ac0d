/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small site with a route of every kind, for the tests of http and fetch and for fuzzing:
 *
 *   GET    /v1/things/:id?verbose=   its id and what verbose was
 *   GET    /v1/things/first          a literal beside ":id"
 *   POST   /v1/things                echoes its body, of at most HTTPSITE_BODY_MAX bytes
 *   PUT    /v1/things/:id            the same
 *   DELETE /v1/things/:id            204
 *   POST   /v1/failures/:kind        fails with the kind of that name
 *   GET    /v1/waits/:ms             answers after that time
 *   GET    /v1/bytes/:count          that many bytes of text
 *   GET    /v1/private               for listed peers
 *   GET    /v1/trace                 the request id and traceparent
 *   POST   /v1/raw                 echoes a body of type application/x-raw
 *   GET    /v1/tail/(anything)      what came behind the slash
 *   GET    /v1/nothing               a handler that forgets to answer
 *   GET    /v1/undeclared            a handler that answers what its row does not have
 */
#pragma once

#include "http/server.h"

enum { HTTPSITE_BODY_MAX = 1024, HTTPSITE_BYTES_MAX = 1 << 24, HTTPSITE_FILE_MAX = 1 << 30 };

extern const struct route httpsite_routes[];

unsigned httpsite_waits(void); /* how many handlers have begun to wait, of all servers here */
