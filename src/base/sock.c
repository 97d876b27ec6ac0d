/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sock.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int sock_path_check(const char *path, struct err *err)
{
    size_t len = strlen(path);

    if (len == 0)
        return FAIL(err, ERR_INPUT, "an empty socket path");
    if (len > SOCK_PATH_MAX)
        return FAIL(
            err, ERR_INPUT,
            "the socket path has %zu bytes, the system allows %d; choose a shorter directory", len,
            SOCK_PATH_MAX);
    return 0;
}

static int address_of(const char *path, struct sockaddr_un *ret, struct err *err)
{
    TRY(sock_path_check(path, err));
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

int sock_connect(const char *path, int *ret_fd, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    struct sockaddr_un address;

    TRY(address_of(path, &address, err));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        if (errno == ENOENT)
            return FAIL(err, ERR_ABSENT, "%s: no such socket", path);
        if (errno == ECONNREFUSED)
            return FAIL(err, ERR_REMOTE, "%s: nobody is listening", path);
        return FAIL_ERRNO(err, "%s", path);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Remove a socket file that nobody listens on. */
static int clear_stale(const char *path, struct err *err)
{
    struct stat st;
    int fd;
    int rc;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", path);
    if (!S_ISSOCK(st.st_mode))
        return FAIL(err, ERR_CONFLICT, "%s: exists and is not a socket", path);
    rc = sock_connect(path, &fd, NULL);
    if (rc == 0) {
        (void)close(fd);
        return FAIL(err, ERR_CONFLICT, "%s: somebody is listening there already", path);
    }
    if (rc == -ERR_REMOTE && unlink(path) < 0 && errno != ENOENT)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

int sock_listen(const char *path, mode_t mode, int *ret_fd, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    struct sockaddr_un address;

    TRY(address_of(path, &address, err));
    TRY(clear_stale(path, err));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    /* fchmod before bind sets the mode the file is created with: there is no moment of 0777. */
    if (fchmod(fd, mode) < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (chmod(path, mode) < 0 || listen(fd, SOMAXCONN) < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int sock_peer(int fd, struct sock_peer *ret, struct err *err)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return FAIL_ERRNO(err, "cannot learn who is connected");
    *ret = (struct sock_peer){cred.pid, cred.uid, cred.gid};
    return 0;
}

int sock_read_exact(int fd, void *ptr, size_t len, struct err *err)
{
    uint8_t *at = ptr;
    size_t have = 0;

    while (have < len) {
        ssize_t got = recv(fd, at + have, len - have, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return FAIL_WITH(err, ERR_REMOTE, EAGAIN, "no answer in time");
        if (got < 0)
            return errno == ECONNRESET
                       ? FAIL_WITH(err, ERR_REMOTE, ECONNRESET, "the connection was cut")
                       : FAIL_ERRNO(err, "cannot receive");
        if (got == 0)
            return have == 0 ? FAIL(err, ERR_ABSENT, "the connection was closed")
                             : FAIL(err, ERR_REMOTE, "the connection was cut in a message");
        have += (size_t)got;
    }
    return 0;
}

int sock_write_all(int fd, struct bytes data, struct err *err)
{
    while (data.len > 0) {
        ssize_t put = send(fd, data.ptr, data.len, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EPIPE || errno == ECONNRESET))
            return FAIL(err, ERR_REMOTE, "the connection was cut");
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return FAIL(err, ERR_REMOTE, "the peer does not read");
        if (put < 0)
            return FAIL_ERRNO(err, "cannot send");
        data = bytes_part(data, (size_t)put, data.len);
    }
    return 0;
}

int sock_timeout(int fd, int timeout_ms, struct err *err)
{
    struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000};

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
        return FAIL_ERRNO(err, "cannot set a deadline");
    return 0;
}
