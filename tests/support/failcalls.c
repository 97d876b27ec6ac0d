/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the system and of libcrypto that fail when their turn comes, counted together with the
 * allocations (support/failalloc.h). Linked by failcalls_dep, which wraps them as our own objects
 * call them. Syncing is only pretended: what survives a cut is not what is tested here, and real
 * syncs would take most of the time.
 */
#include "support/failalloc.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __real_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __real_pwrite64(int fd, const void *from, size_t len, off_t at);
int __real_rename(const char *from, const char *to);
ssize_t __real_recv(int fd, void *to, size_t len, int flags);
ssize_t __real_send(int fd, const void *from, size_t len, int flags);
ssize_t __real_getrandom(void *to, size_t len, unsigned flags);
int __real_EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned *size,
                      const EVP_MD *type, ENGINE *engine);

ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *from, size_t len, off_t at);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
ssize_t __wrap_recv(int fd, void *to, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *from, size_t len, int flags);
ssize_t __wrap_getrandom(void *to, size_t len, unsigned flags);
int __wrap_EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned *size,
                      const EVP_MD *type, ENGINE *engine);

/* 0, or -1 with this errno where it is the turn of this call. */
static int turn(int error)
{
    if (!allocation_fails_now())
        return 0;
    errno = error;
    return -1;
}

ssize_t __wrap_read(int fd, void *to, size_t len)
{
    return turn(EIO) < 0 ? -1 : __real_read(fd, to, len);
}

/* A disk that becomes full has taken a part before it says so. */
ssize_t __wrap_write(int fd, const void *from, size_t len)
{
    if (turn(ENOSPC) == 0)
        return __real_write(fd, from, len);
    (void)!__real_write(fd, from, len / 2);
    errno = ENOSPC;
    return -1;
}

ssize_t __wrap_pwrite64(int fd, const void *from, size_t len, off_t at)
{
    if (turn(EIO) == 0)
        return __real_pwrite64(fd, from, len, at);
    (void)!__real_pwrite64(fd, from, len / 2, at);
    errno = EIO;
    return -1;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at)
{
    return __wrap_pwrite64(fd, from, len, at);
}

int __wrap_fsync(int fd)
{
    (void)fd;
    return turn(EIO);
}

int __wrap_fdatasync(int fd)
{
    (void)fd;
    return turn(EIO);
}

int __wrap_rename(const char *from, const char *to)
{
    return turn(EIO) < 0 ? -1 : __real_rename(from, to);
}

ssize_t __wrap_recv(int fd, void *to, size_t len, int flags)
{
    return turn(ECONNRESET) < 0 ? -1 : __real_recv(fd, to, len, flags);
}

ssize_t __wrap_send(int fd, const void *from, size_t len, int flags)
{
    return turn(ECONNRESET) < 0 ? -1 : __real_send(fd, from, len, flags);
}

ssize_t __wrap_getrandom(void *to, size_t len, unsigned flags)
{
    return turn(ENOSYS) < 0 ? -1 : __real_getrandom(to, len, flags);
}

int __wrap_EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned *size,
                      const EVP_MD *type, ENGINE *engine)
{
    return turn(ENOMEM) < 0 ? 0 : __real_EVP_Digest(data, count, md, size, type, engine);
}
