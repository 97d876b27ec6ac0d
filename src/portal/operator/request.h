/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service asks somebody for: the request for authorization (RFC 6749, 4.1.1; RFC 7636), as
 * the browser brings it. Nothing of it is kept until somebody consents: each step reads it anew.
 *
 * What is not public of the real one is our own: "scope" is the interface, "infos" the names with
 * blanks between (missing: all that the service may ask for), "period=true" asks for as long as the
 * interface allows.
 */
#pragma once

#include "http/oauth.h"
#include "portal/gateway/api.h"
#include "portal/operator/client.h"

struct portal;

struct operator_request {
    struct operator_client client;
    const struct gateway_api *api;
    const char *redirect_uri, *state, *challenge; /* of the parameters */
    const char *infos[OPERATOR_INFOS_MAX + 1];    /* of the client's, ended by NULL */
    bool is_period;
};
void operator_request_done(struct operator_request *request);

/*
 * ERR_UNTRUSTED, for the person, if it is not known where it came from or may lead to; *ret_error
 * is what else is wrong with it, for the service: *ret then has what it takes to say so. Release
 * with operator_request_done in both cases.
 */
MUST_CHECK int operator_request_read(const struct portal *portal, const struct http_fields *fields,
                                     struct operator_request *ret, struct oauth_error *ret_error,
                                     struct err *err);
/* Where the browser goes: "code" or "error" with its value, state and iss (RFC 9207). */
MUST_CHECK int operator_request_answer(const struct portal *portal,
                                       const struct operator_request *request, const char *name,
                                       const char *value, struct buf *ret, struct err *err);
