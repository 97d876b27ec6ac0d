/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that only this user can enter, for a socket of a card that is served for a while. */
#pragma once

#include "base/err.h"

#define SOCKET_FOLDER_INIT                                                                         \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

struct socket_folder {
    char *path, *socket; /* NULL: there is none */
};

/*
 * Make one in $TMPDIR, or in /tmp, and the path of a socket of this name in it. On failure there is
 * none; ERR_USAGE where the path is too long for a socket.
 */
MUST_CHECK int socket_folder_make(const char *name, struct socket_folder *ret, struct err *err);
/* Take both away. */
void socket_folder_done(struct socket_folder *folder);
