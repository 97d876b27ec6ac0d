/* SPDX-License-Identifier: Apache-2.0 */
#include "base/share.h"

#include "base/file.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

int share_path(const char *name, char **ret, struct err *err)
{
    char exe[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash;

    if (len < 0)
        return FAIL_ERRNO(err, "/proc/self/exe");
    exe[len] = '\0';
    slash = strrchr(exe, '/');
    if (slash == NULL)
        return FAIL(err, ERR_SYSTEM, "/proc/self/exe is no absolute path");
    *slash = '\0';
    return path_format(ret, err, "%s/../share/%s", exe, name);
}
