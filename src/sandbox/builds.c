/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/builds.h"

#include "base/file.h"

#include <string.h>

/* Those that tell the time. */
static const char *const own_builds[] = {"jpki-authappd",  "jpki-authorityd", "jpki-ocspd",
                                         "jpki-platformd", "jpki-portald",    "jpki-registerd",
                                         "jpki-signerd",   "jpki-witnessd"};

int build_path(const char *bin_dir, const char *name, char **ret, struct err *err)
{
    const char *suffix = "";

    for (size_t i = 0; i < sizeof own_builds / sizeof own_builds[0]; i++)
        if (strcmp(own_builds[i], name) == 0)
            suffix = "-sandbox";
    return path_format(ret, err, "%s/%s%s", bin_dir, name, suffix);
}
