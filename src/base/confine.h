/* SPDX-License-Identifier: Apache-2.0 */
/* A program drops what it does not need: file system by Landlock, system calls by systemd. */
#pragma once

#include "base/err.h"

struct confine_path {
    const char *path;
    enum { CONFINE_READ, CONFINE_WRITE } access; /* write: also create, remove, rename below it */
};

/*
 * From now on only these paths (and what is below them) can be opened; the list ends with a NULL
 * path. A path that does not exist is ERR_ABSENT. Where the kernel has no Landlock this returns 0
 * and *ret_enforced is 0: the caller logs it.
 */
MUST_CHECK int confine_files(const struct confine_path *paths, int *ret_enforced, struct err *err);
/* No sockets of the internet families from now on (seccomp), for a process without a network. */
MUST_CHECK int confine_no_network(struct err *err);
