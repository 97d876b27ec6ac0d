/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key_kind.h"

static const struct {
    const char *name;
    enum digest_alg digest;
} rows[] = {
    [KEY_RSA] = {"RSA", DIGEST_SHA256},
    [KEY_P384] = {"P-384", DIGEST_SHA384},
    [KEY_P256] = {"P-256", DIGEST_SHA256},
    [KEY_ED25519] = {"Ed25519", DIGEST_SHA512},
};

const char *key_kind_name(enum key_kind kind)
{
    return rows[kind].name;
}

enum digest_alg key_kind_digest(enum key_kind kind)
{
    return rows[kind].digest;
}
