/* SPDX-License-Identifier: Apache-2.0 */
/* DER as text (RFC 7468). Certificates have their own functions in x509/cert.h. */
#pragma once

#include "base/bytes.h"

/* One block: "-----BEGIN LABEL-----", lines of 64 digits, the end, a line feed. */
MUST_CHECK int pem_append(struct buf *buf, const char *label, struct bytes der, struct err *err);
/* The octets of the one certificate in a text, whatever they are. *ret is appended to. */
MUST_CHECK int pem_read_certificate(struct bytes text, struct buf *ret, struct err *err);
