/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash functions through EVP. DigestInfo has one spelling per hash (RFC 8017, 9.2, note 1), so
 * building is a prefix and parsing a comparison with it; there is nothing to be lenient about.
 */
#include "crypto/digest.h"

#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <openssl/err.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX_MAX = 19 };

struct algorithm {
    const char *name;
    size_t size;
    const EVP_MD *(*md)(void);
    uint8_t prefix[PREFIX_MAX]; /* of DigestInfo, up to the hash value */
    size_t prefix_len;
};

static const struct algorithm algorithms[] =
    {
        [DIGEST_SHA1] = {"SHA-1",
                         20,
                         EVP_sha1,
                         {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05,
                          0x00, 0x04, 0x14},
                         15},
        [DIGEST_SHA256] = {"SHA-256",
                           32,
                           EVP_sha256,
                           {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                            0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
                           19},
        [DIGEST_SHA384] = {"SHA-384",
                           48,
                           EVP_sha384,
                           {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                            0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
                           19},
        [DIGEST_SHA512] = {"SHA-512",
                           64,
                           EVP_sha512,
                           {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                            0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
                           19},
};

enum { ALGORITHMS = sizeof algorithms / sizeof algorithms[0] };

size_t digest_size(enum digest_alg alg)
{
    return algorithms[alg].size;
}

const char *digest_name(enum digest_alg alg)
{
    return algorithms[alg].name;
}

const EVP_MD *digest_md(enum digest_alg alg)
{
    return algorithms[alg].md();
}

struct bytes digest_bytes(const struct digest *digest)
{
    return bytes_of(digest->value, digest->len);
}

/*
 * The hash function as a provider has it, fetched once in the life of the process: otherwise each
 * hash would look for it anew, which takes a tenth of the time of a short one.
 */
static const EVP_MD *fetched(enum digest_alg alg)
{
    static _Atomic(EVP_MD *) all[ALGORITHMS];
    EVP_MD *there = atomic_load(&all[alg]);
    EVP_MD *made;

    if (there != NULL)
        return there;
    made = EVP_MD_fetch(NULL, algorithms[alg].name, NULL);
    if (made == NULL) {
        ERR_clear_error();
        return algorithms[alg].md();
    }
    if (atomic_compare_exchange_strong(&all[alg], &there, made))
        return made;
    EVP_MD_free(made); /* another thread was faster */
    return there;
}

int digest_compute(enum digest_alg alg, struct bytes data, struct digest *ret, struct err *err)
{
    struct digest digest = {.alg = alg, .len = digest_size(alg)};

    if (EVP_Digest(data.ptr, data.len, digest.value, NULL, fetched(alg), NULL) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the hash could not be computed");
    *ret = digest;
    return 0;
}

struct digest_stream {
    enum digest_alg alg;
    EVP_MD_CTX *ctx;
};

int digest_begin(enum digest_alg alg, struct digest_stream **ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL)
        return FAIL_NOMEM(err);
    stream->alg = alg;
    stream->ctx = EVP_MD_CTX_new();
    if (stream->ctx == NULL || EVP_DigestInit_ex(stream->ctx, fetched(alg), NULL) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the hash could not be started");
    *ret = stream;
    stream = NULL;
    return 0;
}

int digest_add(struct digest_stream *stream, struct bytes data, struct err *err)
{
    if (EVP_DigestUpdate(stream->ctx, data.ptr, data.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the hash could not be continued");
    return 0;
}

int digest_end(struct digest_stream *stream, struct digest *ret, struct err *err)
{
    struct digest digest = {.alg = stream->alg, .len = digest_size(stream->alg)};

    if (EVP_DigestFinal_ex(stream->ctx, digest.value, NULL) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the hash could not be finished");
    *ret = digest;
    return 0;
}

void digest_stream_free(struct digest_stream **stream)
{
    if (*stream == NULL)
        return;
    EVP_MD_CTX_free((*stream)->ctx);
    free(*stream);
    *stream = NULL;
}

int digestinfo_build(const struct digest *digest, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const struct algorithm *algorithm = &algorithms[digest->alg];

    if (digest->len != algorithm->size)
        return FAIL(err, ERR_USAGE, "a digest of the wrong length");
    TRY(buf_append(&out, bytes_of(algorithm->prefix, algorithm->prefix_len), err));
    TRY(buf_append(&out, digest_bytes(digest), err));
    buf_move(ret, &out);
    return 0;
}

int digestinfo_parse(struct bytes der, struct digest *ret, struct err *err)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const struct algorithm *algorithm = &algorithms[i];

        if (der.len != algorithm->prefix_len + algorithm->size ||
            !bytes_start_with(der, bytes_of(algorithm->prefix, algorithm->prefix_len)))
            continue;
        *ret = (struct digest){.alg = (enum digest_alg)i, .len = algorithm->size};
        memcpy(ret->value, der.ptr + algorithm->prefix_len, algorithm->size);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "not the DigestInfo of a known hash (RFC 8017, 9.2)");
}
