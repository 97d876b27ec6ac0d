/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each secret has a mapping of its own, so that locking and leaving out of dumps (both work on
 * whole pages) cover it and nothing else. A refused mlock (RLIMIT_MEMLOCK is small for plain
 * users) is not a failure: the rest of the protection still holds.
 *
 * Making a mapping takes longer than most of what is done with a secret. So those of one page,
 * wiped, wait in a few places for the next secret. Places are swapped atomically.
 */
#include "base/secret.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SECRET_MAX = 262144, PLACES = 16 };

static _Atomic(void *) idle[PLACES]; /* mappings of one page each, full of zeros */

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *take_idle(void)
{
    void *ptr = NULL;

    for (size_t i = 0; i < PLACES && ptr == NULL; i++)
        ptr = atomic_exchange(&idle[i], NULL);
    return ptr;
}

static bool put_idle(void *ptr)
{
    for (size_t i = 0; i < PLACES; i++) {
        void *none = NULL;

        if (atomic_compare_exchange_strong(&idle[i], &none, ptr))
            return true;
    }
    return false;
}

static void *map(size_t size)
{
    void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (ptr == MAP_FAILED)
        return NULL;
    (void)madvise(ptr, size, MADV_DONTDUMP);
    return ptr;
}

int secret_new(size_t len, struct secret *ret, struct err *err)
{
    size_t page = page_size();
    size_t mapped = (len + page - 1) / page * page;
    void *ptr;

    if (len == 0 || len > SECRET_MAX)
        return FAIL(err, ERR_USAGE, "a secret of %zu bytes", len);
    ptr = mapped == page ? take_idle() : NULL;
    if (ptr == NULL)
        ptr = map(mapped);
    if (ptr == NULL)
        return FAIL_NOMEM(err);
    (void)mlock(ptr, mapped); /* an idle one, too: a child of fork has it unlocked */
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
        if (secret->mapped != page_size() || !put_idle(secret->ptr))
            (void)munmap(secret->ptr, secret->mapped);
    }
    *secret = (struct secret)SECRET_INIT;
}
