/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters as OAuth and forms of browsers have them, of rows that are foreign (http/route.h). */
#pragma once

#include "http/route.h"

#define HTTP_FORM_TYPE "application/x-www-form-urlencoded"

/*
 * What the parameters of a request are, wherever they stand: the query of GET, the body of POST.
 * ERR_INPUT if they cannot be read, or one is there twice.
 */
MUST_CHECK int http_form_read(const struct http_call *call, struct http_fields *ret,
                              struct err *err);
/* A parameter; NULL if it is not there or empty (RFC 6749, 3.1). */
const char *http_form_get(const struct http_fields *fields, const char *name);
