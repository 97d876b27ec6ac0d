/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/rand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fd_done(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

int file_read_fd(int fd, size_t limit, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    for (;;) {
        ssize_t got;

        TRY(buf_reserve(&out, 4096, err));
        got = read(fd, out.ptr + out.len, out.cap - out.len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return FAIL_ERRNO(err, "cannot read");
        if (got == 0)
            break;
        out.len += (size_t)got;
        if (out.len > limit)
            return FAIL(err, ERR_INPUT, "larger than the limit of %zu bytes", limit);
    }
    buf_move(ret, &out);
    return 0;
}

int file_read(const char *path, size_t limit, struct buf *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return FAIL(err, ERR_ABSENT, "%s: no such file", path);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return FAIL(err, ERR_INPUT, "%s: not a regular file", path);
    return err_prefix(err, file_read_fd(fd, limit, ret, err), "%s", path);
}

/* For file systems that know no files without a name. */
static int scratch_by_name(const char *folder, int *ret_fd, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    uint8_t random[8];
    int fd;

    TRY(rand_fill(random, sizeof random, err));
    TRY(path_format(&path, err, "%s/.scratch-%02x%02x%02x%02x%02x%02x%02x%02x", folder, random[0],
                    random[1], random[2], random[3], random[4], random[5], random[6], random[7]));
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (unlink(path) < 0) {
        (void)close(fd);
        return FAIL_ERRNO(err, "%s", path);
    }
    *ret_fd = fd;
    return 0;
}

int file_scratch(const char *folder, int *ret_fd, struct err *err)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        return scratch_by_name(folder, ret_fd, err);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", folder);
    *ret_fd = fd;
    return 0;
}

int file_empty(int fd, struct err *err)
{
    if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a file cannot be emptied");
    return 0;
}

int file_write_all(int fd, struct bytes data, struct err *err)
{
    while (data.len > 0) {
        ssize_t put = write(fd, data.ptr, data.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FAIL_ERRNO(err, "cannot write");
        data = bytes_part(data, (size_t)put, data.len);
    }
    return 0;
}

int path_format(char **ret, struct err *err, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vasprintf(ret, fmt, args);
    va_end(args);
    if (len < 0) {
        *ret = NULL;
        return FAIL_NOMEM(err);
    }
    return 0;
}

int path_folder(const char *path, char **ret, struct err *err)
{
    char *absolute = realpath(path, NULL);
    char *slash;

    if (absolute == NULL)
        return FAIL_ERRNO(err, "%s", path);
    slash = strrchr(absolute, '/');
    slash[slash == absolute] = 0;
    *ret = absolute;
    return 0;
}

int file_sync_folder(const char *path, struct err *err)
{
    CLEANUP(free_text) char *copy = strdup(path);
    CLEANUP(fd_done) int fd = -1;
    char *slash;

    if (copy == NULL)
        return FAIL_NOMEM(err);
    slash = strrchr(copy, '/');
    if (slash != NULL)
        slash[slash == copy] = 0;
    fd = open(slash == NULL ? "." : copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return FAIL_ERRNO(err, "%s: cannot sync its directory", path);
    return 0;
}

static int write_synced(const char *path, mode_t mode, struct bytes data, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (fchmod(fd, mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    TRY(err_prefix(err, file_write_all(fd, data, err), "%s", path));
    if (fsync(fd) < 0)
        return FAIL_ERRNO(err, "%s: cannot sync", path);
    return 0;
}

/* Write beside path under a name nobody else picks, then let `place` move it there. */
static int write_beside(const char *path, mode_t mode, struct bytes data,
                        int (*place)(const char *from, const char *to), struct err *err)
{
    CLEANUP(free_text) char *beside = NULL;
    uint64_t tag;
    int rc;

    TRY(rand_fill(&tag, sizeof tag, err));
    TRY(path_format(&beside, err, "%s.%016llx.new", path, (unsigned long long)tag));
    rc = write_synced(beside, mode, data, err);
    if (rc == 0 && place(beside, path) < 0)
        rc = errno == EEXIST ? FAIL(err, ERR_CONFLICT, "%s: exists already", path)
                             : FAIL_ERRNO(err, "%s", path);
    if (rc < 0) {
        (void)unlink(beside);
        return rc;
    }
    return file_sync_folder(path, err);
}

static int place_new(const char *from, const char *to)
{
    if (link(from, to) < 0)
        return -1;
    return unlink(from);
}

int file_may_replace(const char *path, struct err *err)
{
    struct stat st;

    /* It is somebody's, like /dev/null, and a file in its place would end it for everybody. */
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return FAIL(err, ERR_INPUT, "%s: not a regular file", path);
    return 0;
}

int file_replace_by(const char *path, const char *draft, struct err *err)
{
    TRY(file_may_replace(path, err));
    if (rename(draft, path) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return file_sync_folder(path, err);
}

int file_replace(const char *path, mode_t mode, struct bytes data, struct err *err)
{
    TRY(file_may_replace(path, err));
    return write_beside(path, mode, data, rename, err);
}

int file_create(const char *path, mode_t mode, struct bytes data, struct err *err)
{
    return write_beside(path, mode, data, place_new, err);
}

int dir_make(const char *path, mode_t mode, struct err *err)
{
    struct stat st;

    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", path);
    if (lstat(path, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (!S_ISDIR(st.st_mode))
        return FAIL(err, ERR_CONFLICT, "%s: exists and is not a directory", path);
    if (st.st_uid != geteuid())
        return FAIL(err, ERR_CONFLICT, "%s: belongs to somebody else", path);
    if (chmod(path, mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}
