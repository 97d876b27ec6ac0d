/* SPDX-License-Identifier: Apache-2.0 */
/* What requests and responses of OCSP share; only for ocsp_*.c. */
#pragma once

#include "x509/ocsp.h"

MUST_CHECK int ocsp_take_cert_id(struct bytes *rest, struct ocsp_cert_id *ret, struct err *err);
/* Extensions in *rest to its end: the nonce, and nothing critical besides. */
MUST_CHECK int ocsp_parse_extensions(struct bytes list, struct bytes *ret_nonce, struct err *err);
/* [n] { Extensions { nonce } }; nothing at all for an empty nonce. */
MUST_CHECK int ocsp_put_nonce(struct buf *out, uint8_t tag, struct bytes nonce, struct err *err);
/* signatureAlgorithm, signature, certs [0]: the end of a request's signature and of a response. */
MUST_CHECK int ocsp_parse_signature(struct bytes rest, struct ocsp_signature *ret, struct err *err);
MUST_CHECK int ocsp_put_signature(struct buf *out, struct bytes signature, struct bytes cert,
                                  struct err *err);
