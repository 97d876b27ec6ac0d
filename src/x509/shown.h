/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy that ends TLS says of the certificate that a client has shown it. */
#pragma once

#include "base/bytes.h"

/*
 * A certificate in PEM with percent-encoding, which nginx calls $ssl_client_escaped_cert, as DER.
 * ERR_INPUT for anything else, and above SHOWN_MAX characters.
 */
MUST_CHECK int shown_read(const char *escaped, struct buf *ret, struct err *err);
