/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens as they come back (RFC 6750), for all endpoints that take one. */
#pragma once

#include "http/oauth.h"
#include "authapp/token/token.h"

struct access {
    struct found_token found;
    const char *text; /* the token; the request's */
};
void access_done(struct access *access);

/*
 * The access token of a request. A failure is ours alone; what is wrong with the token is
 * *ret_error (invalid_token, or "" without a code where there is none), and ret is then untouched.
 * Needs all of these scopes (insufficient_scope).
 */
MUST_CHECK int access_find(const struct http_call *call, const struct http_fields *fields,
                           unsigned scopes, struct access *ret, struct oauth_error *ret_error,
                           struct err *err);
/* 401 or 403 with the field WWW-Authenticate (RFC 6750, 3). */
MUST_CHECK int access_refuse(struct http_call *call, const struct oauth_error *error,
                             struct err *err);
