/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keys of OCSP may sign: a responder's key answers that name it as the responder, a
 * verifier's key questions. Neither says anything about certificates, which is the CA's alone.
 */
#pragma once

#include "x509/ocsp.h"

/*
 * ResponseData whose responder is byKey the key with this SHA-1, and whose times make sense:
 * ERR_INPUT if it cannot be read, else ERR_UNTRUSTED with one sentence.
 */
MUST_CHECK int role_ocsp_check_response(struct bytes key_id, int64_t response_hours,
                                        struct bytes data, struct err *err);
/* A TBSRequest for some certificates; all else is ERR_INPUT. */
MUST_CHECK int role_ocsp_check_request(struct bytes tbs, struct err *err);
