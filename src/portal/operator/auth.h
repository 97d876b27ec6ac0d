/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which service asks at the operators' door: by the certificate that it applied with (RFC 8705,
 * 2.2), or by an assertion of its key that counts once (RFC 7523), together with its certificate if
 * it has one. Each has one way and no other.
 */
#pragma once

#include "http/oauth.h"
#include "portal/operator/client.h"

/*
 * What the service did wrong is *ret_error; a failure is ours alone. *ret_certificate is what was
 * shown; *ret_is_shown whether anything was. Release ret with operator_client_done.
 */
struct operator_proof {
    struct operator_client client;
    bool is_shown;
    struct digest certificate;
};
void operator_proof_done(struct operator_proof *proof);
MUST_CHECK int operator_authenticate(const struct http_call *call, const struct http_fields *fields,
                                     struct operator_proof *ret, struct oauth_error *ret_error,
                                     struct err *err);
/*
 * The same for one that waits for its review, or not: it shows the certificate that it applied
 * with, or an assertion of its key (NULL: none). ERR_DENIED if it does not.
 */
MUST_CHECK int operator_prove(const struct http_call *call, const struct operator_client *client,
                              const char *assertion, struct err *err);
