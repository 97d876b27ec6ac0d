/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each secret has a mapping of its own, so that locking and leaving out of dumps (both work on
 * whole pages) cover it and nothing else. A refused mlock (RLIMIT_MEMLOCK is small for plain
 * users) is not a failure: the rest of the protection still holds.
 */
#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SECRET_MAX = 262144 };

int secret_new(size_t len, struct secret *ret, struct err *err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped = (len + page - 1) / page * page;
    void *ptr;

    if (len == 0 || len > SECRET_MAX)
        return FAIL(err, ERR_USAGE, "a secret of %zu bytes", len);
    ptr = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ptr == MAP_FAILED)
        return FAIL_NOMEM(err);
    (void)mlock(ptr, mapped);
    (void)madvise(ptr, mapped, MADV_DONTDUMP);
    *ret = (struct secret){ptr, len, mapped};
    return 0;
}

int secret_copy(struct bytes from, struct secret *ret, struct err *err)
{
    struct secret copy;

    TRY(secret_new(from.len, &copy, err));
    memcpy(copy.ptr, from.ptr, from.len);
    *ret = copy;
    return 0;
}

void secret_cut(struct secret *secret, size_t len)
{
    if (len >= secret->len)
        return;
    wipe(secret->ptr + len, secret->len - len);
    secret->len = len;
}

struct bytes secret_bytes(const struct secret *secret)
{
    return bytes_of(secret->ptr, secret->len);
}

void secret_done(struct secret *secret)
{
    if (secret->mapped > 0) {
        wipe(secret->ptr, secret->mapped);
        (void)munmap(secret->ptr, secret->mapped);
    }
    *secret = (struct secret)SECRET_INIT;
}
