/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/socket_folder.h"

#include "base/file.h"
#include "base/sock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int socket_folder_make(const char *name, struct socket_folder *ret, struct err *err)
{
    const char *base = secure_getenv("TMPDIR");
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *socket = NULL;

    TRY(path_format(&path, err, "%s/jpki-softcard-XXXXXX", base == NULL ? "/tmp" : base));
    TRY(path_format(&socket, err, "%s/%s", path, name));
    TRY(sock_path_check(socket, err));
    if (mkdtemp(path) == NULL)
        return FAIL_ERRNO(err, "cannot make %s", path);
    memcpy(socket, path, strlen(path));
    *ret = (struct socket_folder){path, socket};
    path = socket = NULL;
    return 0;
}

void socket_folder_done(struct socket_folder *folder)
{
    if (folder->socket != NULL)
        (void)unlink(folder->socket);
    if (folder->path != NULL)
        (void)rmdir(folder->path);
    free_text(&folder->socket);
    free_text(&folder->path);
}
