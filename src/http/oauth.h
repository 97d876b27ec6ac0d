/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How OAuth 2.0 says no (RFC 6749, 4.1.2.1 and 5.2), and how a request shows a token. Inside this
 * room only.
 */
#pragma once

#include "http/form.h"

/* An error in OAuth's words; code NULL: none. Both are constants. */
struct oauth_error {
    const char *code; /* "invalid_request" */
    const char *text; /* for whoever wrote the relying party */
};
#define OAUTH_NO_ERROR ((struct oauth_error){NULL, NULL})

/* {"error", "error_description"}; 401 for invalid_client. */
MUST_CHECK int oauth_refuse(struct http_call *call, const struct oauth_error *error,
                            struct err *err);
/* The members of such a body. */
extern const struct http_member oauth_error_members[];
/* Parameters of an authorization request that other providers take and none here does (Core 1.0,
 * 3.1.2.6): request objects, registrations, and answers other than in the query. */
struct oauth_error oauth_check_foreign(const struct http_fields *fields);
/* The bearer of a request (RFC 6750, 2.1 and 2.2); NULL if there is none. */
const char *oauth_bearer(const struct http_call *call, const struct http_fields *fields);
