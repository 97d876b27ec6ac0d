/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 (RFC 8032, 5.1) for checkpoints of logs. It signs messages and not digests, so its keys
 * are no struct pubkey, and nothing that takes one can be given these. Private halves are
 * crypto/privkey.h's.
 */
#pragma once

#include "base/bytes.h"

enum { ED25519_KEY_SIZE = 32, ED25519_SIGNATURE_SIZE = 64, ED25519_SPKI_SIZE = 44 };

/* From SubjectPublicKeyInfo (RFC 8410, 4), in its one spelling. ERR_INPUT for anything else. */
MUST_CHECK int ed25519_from_spki(struct bytes spki, uint8_t ret[ED25519_KEY_SIZE], struct err *err);
/* ERR_UNTRUSTED if the signature is not by this key over this message. */
MUST_CHECK int ed25519_verify(const uint8_t key[ED25519_KEY_SIZE], struct bytes message,
                              struct bytes signature, struct err *err);
