/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, 4: padded; 5: base64url, unpadded). Decoding is strict: one spelling only. */
#pragma once

#include "base/bytes.h"

enum base64_form {
    BASE64_PADDED, /* RFC 4648, 4 */
    BASE64_URL,    /* RFC 4648, 5, without padding (RFC 7515, 2) */
};

MUST_CHECK int base64_append(struct buf *buf, enum base64_form form, struct bytes data,
                             struct err *err);
/* Refuses white space, wrong padding and non-zero trailing bits (RFC 4648, 3.3 and 3.5). */
MUST_CHECK int base64_decode(enum base64_form form, struct bytes text, struct buf *ret,
                             struct err *err);
