/* SPDX-License-Identifier: Apache-2.0 */
/* Unix stream sockets: paths checked against sun_path, peers known by SO_PEERCRED. */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

enum { SOCK_PATH_MAX = 107 }; /* sizeof sun_path - 1; unix(7) */

struct sock_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* ERR_INPUT if the path is longer than SOCK_PATH_MAX bytes; says so with the length. */
MUST_CHECK int sock_path_check(const char *path, struct err *err);
/*
 * Bind and listen, mode as given. A stale socket file (nobody answers) is replaced, a live one
 * is ERR_CONFLICT. Close-on-exec.
 */
MUST_CHECK int sock_listen(const char *path, mode_t mode, int *ret_fd, struct err *err);
/* ERR_ABSENT if there is no such socket, ERR_REMOTE if nobody listens. */
MUST_CHECK int sock_connect(const char *path, int *ret_fd, struct err *err);
MUST_CHECK int sock_peer(int fd, struct sock_peer *ret, struct err *err);
/*
 * Read exactly len bytes. ERR_ABSENT on end of stream before the first, ERR_REMOTE in the middle;
 * the detail is ECONNRESET if the peer went away without reading, EAGAIN after the deadline.
 */
MUST_CHECK int sock_read_exact(int fd, void *ptr, size_t len, struct err *err);
/* send() with MSG_NOSIGNAL until all is out. ERR_REMOTE if the peer is gone. */
MUST_CHECK int sock_write_all(int fd, struct bytes data, struct err *err);
/* Deadline for each later read and write on the socket; 0 is none. */
MUST_CHECK int sock_timeout(int fd, int timeout_ms, struct err *err);
