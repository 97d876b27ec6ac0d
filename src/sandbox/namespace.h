/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces of a sandbox: a network of its own, so that pcscd's virtual reader (which listens on
 * every address) is out of reach, and a mount namespace per process in which the sandbox's pcscd
 * directory lies over /run/pcscd. Root unshares directly, a plain user through a user namespace.
 *
 * The network lives as long as the descriptors in struct namespace or a process inside. Nothing
 * outside changes: no mount and no directory of ours is ever visible to the rest of the machine.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

struct namespace
{
    int user_fd; /* -1: none was needed */
    int net_fd;  /* -1: there is no namespace */
};

#define NAMESPACE_INIT                                                                             \
    {                                                                                              \
        -1, -1                                                                                     \
    }

/*
 * Make a network namespace with its loopback up. ERR_DENIED where the machine does not permit it;
 * the text is the reason, fit to be shown to a person.
 */
MUST_CHECK int namespace_make(struct namespace *ret, struct err *err);
/* Closes the descriptors; accepts an empty one. */
void namespace_done(struct namespace *ns);

/* For a fresh single-threaded child: move this process into the network. */
MUST_CHECK int namespace_enter(const struct namespace *ns, struct err *err);
/*
 * For a child that has entered: from now on dir is what this process and its descendants see as
 * /run/pcscd. Where the machine has no /run/pcscd, an empty /run is put over the real one first.
 */
MUST_CHECK int namespace_cover_pcscd(const char *dir, struct err *err);
