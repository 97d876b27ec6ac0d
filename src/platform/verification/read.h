/* SPDX-License-Identifier: Apache-2.0 */
/* What requests for verifications have in common. Inside this room only. */
#pragma once

#include "platform/routes.h"
#include "platform/verification/verification.h"

/* {alg, value}. ERR_INPUT for another algorithm or length. */
MUST_CHECK int verification_read_digest(const struct json *json, struct digest *ret,
                                        struct err *err);
/* The index of one of the values, which the row has checked; *ret stays if it is not there. */
MUST_CHECK int verification_read_choice(const struct json *json, const char *key,
                                        const char *const *values, unsigned *ret, struct err *err);
/* Idempotency-Key and the fingerprint of the body; *ret_once is NULL without a key. */
MUST_CHECK int verification_read_once(const struct http_call *call, struct verification_once *once,
                                      const struct verification_once **ret_once, struct err *err);
/* purpose and check. */
MUST_CHECK int verification_read_wishes(const struct json *json, struct verification_request *ret,
                                        struct err *err);

extern const struct http_member verification_digest_members[];
extern const struct http_member verification_once_headers[];
