/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data under a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018, 6.2), in DER
 * as EncryptedPrivateKeyInfo has it (RFC 5958, 3). It keeps secret and does not vouch: whoever
 * opens it checks what was inside.
 */
#pragma once

#include "base/secret.h"

enum { PBES2_ITERATIONS = 600000 };

/*
 * How often this program has PBKDF2 hash when it encrypts: PBES2_ITERATIONS, unless it is linked
 * with an object file that defines another number, as the sandbox's builds are
 * (programs/variant_sandbox.c). Whoever is not linked so does not open what they wrote.
 */
extern const int pbes2_iterations;

/* passphrase of 1 to PASSPHRASE_MAX bytes, plain of 1 to PBES2_PLAIN_MAX. */
MUST_CHECK int pbes2_close(const struct secret *passphrase, struct bytes plain, struct buf *ret_der,
                           struct err *err);
/*
 * ERR_DENIED if the passphrase is wrong; one of 256 wrong ones is noticed by the contents alone.
 * ERR_INPUT for whatever pbes2_close would not have written, here or in a program for use, so that
 * nobody hands us a file with one iteration, or with so many that opening it takes all day.
 */
MUST_CHECK int pbes2_open(struct bytes der, const struct secret *passphrase, struct secret *ret,
                          struct err *err);
