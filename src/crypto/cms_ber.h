/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS structures in BER (X.690, 8): programs that sign with NSS write indefinite lengths, and so do
 * most that stream. OpenSSL reads them and writes the same structure in DER, which is all that the
 * rest of this tree reads.
 *
 * Only for a structure without its document: of a document in pieces another reader may make
 * another document, and would have our verdict for it.
 */
#pragma once

#include "base/bytes.h"

/*
 * *ret: the structure at the start of ber, in DER; *ret_used: how many octets of ber it was.
 * ERR_INPUT if it is none, or has a document in it. Nothing else of it is checked.
 */
MUST_CHECK int cms_decode_ber(struct bytes ber, struct buf *ret, size_t *ret_used, struct err *err);
