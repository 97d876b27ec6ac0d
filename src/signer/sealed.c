/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/sealed.h"

#include "rpc/limits.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

int sealed_map(int fd, uint64_t size, struct sealed *ret, struct err *err)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS); /* fails for all that is no file in memory */
    struct stat st;
    void *ptr;

    if (seals < 0 || (seals & needed) != needed)
        return FAIL(err, ERR_INPUT, "what came is not a sealed file in memory");
    if (fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "a sealed file cannot be looked at");
    if (st.st_size < 1 || st.st_size > RPC_LIST_MAX)
        return FAIL(err, ERR_INPUT, "a file of %lld bytes, the limit is %d", (long long)st.st_size,
                    RPC_LIST_MAX);
    if ((uint64_t)st.st_size != size)
        return FAIL(err, ERR_INPUT, "the file has another size than the question says");
    ptr = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (ptr == MAP_FAILED)
        return FAIL_ERRNO(err, "a file of %lld bytes cannot be mapped", (long long)st.st_size);
    *ret = (struct sealed){ptr, (size_t)size};
    return 0;
}

struct bytes sealed_bytes(const struct sealed *sealed)
{
    return bytes_of(sealed->ptr, sealed->len);
}

void sealed_done(struct sealed *sealed)
{
    if (sealed->ptr != NULL)
        (void)munmap(sealed->ptr, sealed->len);
    *sealed = (struct sealed)SEALED_INIT;
}
