/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which client asks, at the endpoints that are for clients (Core 1.0, 9): by its secret, or by a
 * signed assertion (RFC 7523) that counts once. Each client has one way and no other.
 */
#pragma once

#include "authapp/authapp.h"
#include "authapp/client/client.h"
#include "http/oauth.h"

/*
 * Find the client out. A failure is ours alone; what the client did wrong is *ret_error, and ret is
 * then untouched. Release ret with client_done.
 */
MUST_CHECK int client_authenticate(const struct http_call *call, const struct http_fields *fields,
                                   struct client *ret, struct oauth_error *ret_error,
                                   struct err *err);
