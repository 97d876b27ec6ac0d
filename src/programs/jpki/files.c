/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/files.h"

#include "base/file.h"
#include "programs/jpki/ask/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024 };

static int fail_input(struct err *err, const char *path)
{
    char reason[128];

    return FAIL_WITH(err, ERR_INPUT, (uint32_t)errno, "cannot read %s: %s", path,
                     strerror_r(errno, reason, sizeof reason));
}

static void stream_done(struct digest_stream **stream)
{
    digest_stream_free(stream);
}

static int digest_fd(int fd, const char *path, struct digest_stream *stream, struct err *err)
{
    uint8_t piece[PIECE_SIZE];

    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);

        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return fail_input(err, path);
        if (got > 0)
            TRY(digest_add(stream, bytes_of(piece, (size_t)got), err));
    }
}

int document_digest(const char *path, enum digest_alg alg, struct digest *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC);
    CLEANUP(stream_done) struct digest_stream *stream = NULL;

    if (fd < 0)
        return fail_input(err, path);
    TRY(digest_begin(alg, &stream, err));
    TRY(digest_fd(fd, path, stream, err));
    return digest_end(stream, ret, err);
}

int input_read(const char *path, size_t limit, struct buf *ret, struct err *err)
{
    int rc = file_read(path, limit, ret, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "there is no file %s", path);
    return rc;
}

static int fail_exists(struct err *err, const char *path)
{
    return FAIL(err, ERR_USAGE, "%s exists already; --force replaces it", path);
}

/* --force is meant for files: what replaces a device, or a link to one, would be in its place. */
static int check_existing(const char *path, bool force, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return 0;
    if (!S_ISREG(st.st_mode))
        return FAIL(err, ERR_USAGE, "%s exists and is not a file that can be replaced", path);
    return force ? 0 : fail_exists(err, path);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* directory is the one of the file that output is the status of. */
static int check_apart(const char *path, const char *directory, const struct inputs *inputs,
                       struct err *err)
{
    struct stat output, folder, input;
    bool is_read = false;

    if (stat(path, &output) < 0 || stat(directory, &folder) < 0)
        return 0;
    for (size_t i = 0; i < INPUTS_MAX; i++)
        if (inputs->paths[i] != NULL && stat(inputs->paths[i], &input) == 0)
            is_read = is_read || is_same(&output, &input) || is_same(&folder, &input);
    if (inputs->pin != NULL && inputs->pin->fd >= 0 && inputs->pin->fd <= INT_MAX &&
        fstat((int)inputs->pin->fd, &input) == 0)
        is_read = is_read || is_same(&output, &input);
    if (!is_read)
        return 0;
    return FAIL(err, ERR_USAGE, "%s is the file that is read; name another one to write", path);
}

int output_check(const char *path, bool force, const struct inputs *inputs, struct err *err)
{
    CLEANUP(free_text) char *directory = NULL;
    const char *slash = strrchr(path, '/');

    TRY(path_format(&directory, err, "%.*s/.", slash == NULL ? 1 : (int)(slash - path),
                    slash == NULL ? "." : path));
    TRY(check_apart(path, directory, inputs, err));
    TRY(check_existing(path, force, err));
    if (access(directory, F_OK) < 0)
        return FAIL(err, ERR_USAGE, "there is no directory %s", directory);
    if (access(directory, W_OK) < 0)
        return FAIL_ERRNO(err, "cannot write into %s", directory);
    return 0;
}

int output_write(const char *path, bool force, mode_t mode, struct bytes data, struct err *err)
{
    int rc;

    if (force)
        return file_replace(path, mode, data, err);
    rc = file_create(path, mode, data, err);
    return rc == -ERR_CONFLICT ? fail_exists(err, path) : rc;
}
