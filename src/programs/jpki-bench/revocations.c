/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/revocations.h"

#include "base/file.h"

#include <unistd.h>

enum { FRONT_SIZE = 6 }; /* bytes before a TBSCertList of 16 MB to 4 GB */

struct revocation made_up_at(uint32_t index)
{
    enum { SPACING = 4, FIVE_YEARS = 5 * 365 * 86400, SPREAD = 0x9e3779b1 };
    uint32_t mixed = index * (uint32_t)SPREAD;
    int64_t ago = (int64_t)((uint64_t)mixed * FIVE_YEARS >> 32);

    return (struct revocation){index * SPACING + 1 + mixed % SPACING, REVOCATIONS_NOW - ago,
                               (enum crl_reason)(1 + mixed % (CRL_REASONS_ - 1))};
}

static int made_up_rewind(void *context, struct err *err)
{
    struct made_up *made_up = context;

    (void)err;
    made_up->next = 0;
    return 0;
}

static int made_up_next(void *context, struct revocation *ret, struct err *err)
{
    struct made_up *made_up = context;

    if (made_up->next == made_up->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = made_up_at(made_up->next++);
    return 0;
}

static struct revocation_source made_up_source(struct made_up *made_up)
{
    return (struct revocation_source){made_up, made_up_rewind, made_up_next};
}

/* Where our writer's bytes go: into the hash and to /dev/null. */
struct hashed {
    struct digest_stream *digest;
    int fd;
};

static int put_hashed(void *context, struct bytes piece, struct err *err)
{
    struct hashed *hashed = context;

    TRY(digest_add(hashed->digest, piece, err));
    return file_write_all(hashed->fd, piece, err);
}

int list_write(const struct list_ca *ca, uint32_t count, int fd, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf front = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    struct made_up made_up = {.count = count};
    const struct revocation_source source = made_up_source(&made_up);
    const struct crl_head head = list_ca_head(ca);
    struct hashed hashed;
    const struct crl_sink sink = {&hashed, put_hashed};
    struct digest digest;
    size_t size;

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    hashed = (struct hashed){stream, fd};
    if (lseek(fd, FRONT_SIZE, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a list cannot be written");
    TRY(crl_write_tbs(&head, &source, &sink, &size, err));
    TRY(digest_end(stream, &digest, err));
    TRY(list_ca_sign(ca, &digest, &signature, err));
    TRY(crl_wrap(size, buf_bytes(&signature), &front, &back, err));
    if (front.len != FRONT_SIZE || pwrite(fd, front.ptr, front.len, 0) != (ssize_t)front.len)
        return FAIL(err, ERR_SYSTEM, "a list has no room for what stands before it");
    return file_write_all(fd, buf_bytes(&back), err);
}
