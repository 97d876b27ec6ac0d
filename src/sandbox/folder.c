/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/folder.h"

#include "base/file.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

int own_folder(char **ret, struct err *err)
{
    char path[PATH_MAX];

    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len < 0)
        return FAIL_ERRNO(err, "cannot find out where this program lies (is /proc there?)");
    path[len] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return FAIL(err, ERR_SYSTEM, "this program has no folder");
    *slash = '\0';
    return path_format(ret, err, "%s", path);
}
