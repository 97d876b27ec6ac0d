/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program drops what it does not need: file system by Landlock, network by seccomp; what only
 * the service manager can take away is in etc/systemd. Both are for ever and for all children.
 */
#pragma once

#include "base/err.h"

struct confine_path {
    const char *path;
    enum { CONFINE_READ, CONFINE_WRITE } access; /* write: also create, remove, rename below it */
};

/*
 * From now on only these paths (and what is below them) can be opened; nothing can be executed.
 * The list ends with a NULL path. A path that does not exist is ERR_ABSENT. Descriptors that are
 * open stay usable. It holds for the calling thread and what it starts: call before making any.
 * Where the kernel has no Landlock this returns 0 and *ret_enforced is 0: the caller logs it.
 */
MUST_CHECK int confine_files(const struct confine_path *paths, int *ret_enforced, struct err *err);
/*
 * No sockets but Unix ones from now on, in all threads: socket() says EAFNOSUPPORT. Sockets that
 * are open stay. System calls of another architecture end the process.
 */
MUST_CHECK int confine_no_network(struct err *err);
