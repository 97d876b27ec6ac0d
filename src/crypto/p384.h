/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates over keys that room x509 does not know. The certificates of the next card are not
 * public (card.md 6.3), so only what any certificate must be is checked.
 */
#pragma once

#include "base/bytes.h"

/*
 * ERR_INPUT unless both are one X.509 certificate in DER, ERR_UNTRUSTED unless the first is over
 * this SubjectPublicKeyInfo and signed by the key in the second.
 */
MUST_CHECK int p384_check_certificate(struct bytes cert, struct bytes spki, struct bytes ca,
                                      struct err *err);
/* ERR_INPUT unless it is one X.509 certificate in DER. */
MUST_CHECK int p384_check_ca(struct bytes ca, struct err *err);
