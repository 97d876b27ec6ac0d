/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/crl_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

int crl_file_map(int fd, size_t limit, struct crl_file *ret, struct err *err)
{
    return crl_file_map_at(fd, 0, limit, ret, err);
}

int crl_file_map_at(int fd, size_t at, size_t limit, struct crl_file *ret, struct err *err)
{
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    struct stat st;
    void *ptr;

    if (fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "a list cannot be looked at");
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size <= at)
        return FAIL(err, ERR_INPUT, "not a file with a list in it");
    if ((uint64_t)st.st_size - at > limit)
        return FAIL(err, ERR_INPUT, "a list of %lld bytes, the limit is %zu",
                    (long long)st.st_size - (long long)at, limit);
    ptr = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (ptr == MAP_FAILED)
        return FAIL_ERRNO(err, "a list cannot be mapped");
    file.ptr = ptr;
    file.len = (size_t)st.st_size;
    (void)madvise(ptr, file.len, MADV_SEQUENTIAL); /* an advice */
    TRY(crl_parse(bytes_part(bytes_of(ptr, file.len), at, file.len), limit, &file.crl, err));
    *ret = file;
    file.ptr = NULL;
    return 0;
}

int crl_file_open(const char *path, size_t limit, struct crl_file *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno == ENOENT ? FAIL(err, ERR_ABSENT, "%s: there is no such file", path)
                               : FAIL_ERRNO(err, "%s", path);
    return err_prefix(err, crl_file_map(fd, limit, ret, err), "%s", path);
}

void crl_file_done(struct crl_file *file)
{
    if (file->ptr != NULL)
        (void)munmap(file->ptr, file->len);
    file->ptr = NULL;
}
