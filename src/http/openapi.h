/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document of an API (OpenAPI 3.1), made of its rows: nothing is written by hand beside them.
 * The same rows give the same bytes, in the order of the table.
 */
#pragma once

#include "http/server.h"

#define OPENAPI_PATH "/openapi.json"

/* Of options->routes and the routes every server has; ERR_USAGE for a faulty table. */
MUST_CHECK int openapi_make(const struct http_server_options *options, struct json **ret,
                            struct err *err);
