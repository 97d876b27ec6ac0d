/* SPDX-License-Identifier: Apache-2.0 */
/* Hash functions by name, and the DigestInfo that PKCS#1 v1.5 wraps around their results. */
#pragma once

#include "base/bytes.h"

enum digest_alg { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

enum { DIGEST_MAX = 64 };

struct digest {
    enum digest_alg alg;
    size_t len;
    uint8_t value[DIGEST_MAX];
};

size_t digest_size(enum digest_alg alg);      /* bytes */
const char *digest_name(enum digest_alg alg); /* "SHA-256" */
MUST_CHECK int digest_compute(enum digest_alg alg, struct bytes data, struct digest *ret,
                              struct err *err);
struct bytes digest_bytes(const struct digest *digest);

/* A running hash over several pieces. */
struct digest_stream;
MUST_CHECK int digest_begin(enum digest_alg alg, struct digest_stream **ret, struct err *err);
MUST_CHECK int digest_add(struct digest_stream *stream, struct bytes data, struct err *err);
MUST_CHECK int digest_end(struct digest_stream *stream, struct digest *ret, struct err *err);
void digest_stream_free(struct digest_stream **stream);

/* DigestInfo ::= SEQUENCE { AlgorithmIdentifier with NULL, OCTET STRING } (RFC 8017, 9.2). */
MUST_CHECK int digestinfo_build(const struct digest *digest, struct buf *ret, struct err *err);
/* Exactly the bytes digestinfo_build would make for one of our hashes, else ERR_INPUT. */
MUST_CHECK int digestinfo_parse(struct bytes der, struct digest *ret, struct err *err);
