/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How OAuth 2.0 says no (RFC 6749, 4.1.2.1 and 5.2), and what its requests and redirects are made
 * of. Inside this room only.
 */
#pragma once

#include "http/route.h"

#define OAUTH_FORM_TYPE "application/x-www-form-urlencoded"

/* An error in OAuth's words; code NULL: none. Both are constants. */
struct oauth_error {
    const char *code; /* "invalid_request" */
    const char *text; /* for whoever wrote the relying party */
};
#define OAUTH_NO_ERROR ((struct oauth_error){NULL, NULL})

/* What the parameters of a request are, wherever they stand: the query of GET, the body of POST.
 * ERR_INPUT if they cannot be read, or one is there twice. */
MUST_CHECK int oauth_parameters(const struct http_call *call, struct http_fields *ret,
                                struct err *err);
/* A parameter; NULL if it is not there or empty (RFC 6749, 3.1). */
const char *oauth_get(const struct http_fields *fields, const char *name);

/* Append "?name=value" to an address, or "&" where it has a query; nothing if value is NULL. */
MUST_CHECK int oauth_append(struct buf *address, const char *name, const char *value,
                            struct err *err);
/* {"error", "error_description"}; 401 for invalid_client. */
MUST_CHECK int oauth_refuse(struct http_call *call, const struct oauth_error *error,
                            struct err *err);
/* The members of such a body. */
extern const struct http_member oauth_error_members[];
/* The bearer of a request (RFC 6750, 2.1 and 2.2); NULL if there is none. */
const char *oauth_bearer(const struct http_call *call, const struct http_fields *fields);
