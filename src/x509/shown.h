/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy that ends TLS says of the certificate that a client has shown it. */
#pragma once

#include "base/bytes.h"

#include <stdint.h>

/*
 * A certificate in PEM with percent-encoding, which nginx calls $ssl_client_escaped_cert, as DER.
 * ERR_INPUT for anything else, and above SHOWN_MAX characters.
 */
MUST_CHECK int shown_read(const char *escaped, struct buf *ret, struct err *err);

/*
 * One that somebody is known by as it is (RFC 8705, 2.2): TLS has proved its key, which is RSA,
 * P-256 or P-384, and who signed it and how says nothing, so that is not looked at. ERR_INPUT as
 * above; release with shown_bare_done.
 */
struct shown_bare {
    struct buf der;
    int64_t not_before, not_after;
};
#define SHOWN_BARE_INIT                                                                            \
    {                                                                                              \
        BUF_INIT, 0, 0                                                                             \
    }
void shown_bare_done(struct shown_bare *shown);
MUST_CHECK int shown_take_bare(const char *escaped, struct shown_bare *ret, struct err *err);
