/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/room.h"

#include <errno.h>
#include <stddef.h>
#include <sys/statvfs.h>

enum { KIB = 1024, MIB = 1024 * KIB };

static int blame_disk(struct err *err)
{
    if (err != NULL) {
        err->kind = ERR_SYSTEM;
        err->detail = ENOSPC;
    }
    return -ERR_SYSTEM;
}

int room_explain(const char *log_path, int rc, struct err *err)
{
    struct statvfs disk;

    if (log_path == NULL || statvfs(log_path, &disk) < 0)
        return rc;
    const uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (room < SANDBOX_ROOM_LOW_BYTES) {
        (void)err_prefix(
            err, rc, "%llu KiB left on the file system of its log, a sandbox takes up to %d MiB",
            (unsigned long long)(room / KIB), SANDBOX_ROOM_BYTES / MIB);
        return blame_disk(err);
    }
    if (disk.f_files != 0 && disk.f_favail == 0) { /* f_files 0: they are made as needed */
        (void)err_prefix(err, rc, "no more files can be made on the file system of its log");
        return blame_disk(err);
    }
    return rc;
}
