/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that issue: what a holder's and a responder's certificate have in common. */
#pragma once

#include "authority/authority.h"

/* A field behind its length, so that no two lists of fields hash alike. */
MUST_CHECK int issue_hash_field(struct digest_stream *stream, struct bytes field, struct err *err);
/* ERR_INPUT unless it is an RSA key of SUBJECT_KEY_BITS; *ret is what a reservation calls key. */
MUST_CHECK int issue_check_key(struct bytes spki, struct digest *ret, struct err *err);
/* Reserve, and have signed, verified and kept whatever is not yet. */
MUST_CHECK int issue_reserved(const struct authority *authority, struct signer *signer,
                              const struct reservation *reservation, const struct audit_origin *by,
                              struct record *ret, struct err *err);
