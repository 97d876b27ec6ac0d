/* SPDX-License-Identifier: Apache-2.0 */
/* Files with secrets: a passphrase and encrypted keys. What others may read is refused. */
#pragma once

#include "base/secret.h"
#include "crypto/privkey.h"
#include "signer/config.h"

/*
 * The passphrase of the configuration: SIGNERD_PASSPHRASE_MIN to SIGNERD_PASSPHRASE_MAX bytes; a
 * line feed at the end does not count. ERR_INPUT for a file that others may read or that belongs
 * to somebody else, ERR_DENIED where custodians have shares of it.
 */
MUST_CHECK int passphrase_read(const struct signer_config *config, struct secret *ret,
                               struct err *err);
/* Make a random one in the configuration's passphrase_file. ERR_CONFLICT if the file exists. */
MUST_CHECK int passphrase_create(const struct signer_config *config, struct err *err);

/* The key in KEYS/NAME.key; ERR_ABSENT if there is none, ERR_DENIED if the passphrase is wrong. */
MUST_CHECK int keyfile_read(const char *dir, const char *name, const struct secret *passphrase,
                            struct privkey **ret, struct err *err);
/* As many bits stand for a key on P-256, or for Ed25519; all other numbers for RSA. */
enum { KEYFILE_P256 = 256, KEYFILE_ED25519 = 255 };
/*
 * Make a key and its empty ledger, encrypted and durable; *ret_fingerprint is the SHA-256 of its
 * SubjectPublicKeyInfo. ERR_CONFLICT if KEYS/NAME.key exists: keys are never replaced.
 */
MUST_CHECK int keyfile_create(const char *dir, const char *name, unsigned bits,
                              const struct secret *passphrase, struct digest *ret_fingerprint,
                              struct err *err);
