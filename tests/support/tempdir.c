/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tempdir.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { OPEN_DIRECTORIES = 16 };

struct tempdir tempdir_make(void)
{
    struct tempdir dir = {"/tmp/jpki-test-XXXXXX"};

    if (mkdtemp(dir.path) == NULL)
        fail_msg("cannot make a directory in /tmp");
    return dir;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void tempdir_done(struct tempdir *dir)
{
    if (dir->path[0] != '\0')
        (void)nftw(dir->path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    dir->path[0] = '\0';
}

const char *tempdir_file(const struct tempdir *dir, const char *name, char ret[TEMPDIR_FILE_SIZE])
{
    int len = snprintf(ret, TEMPDIR_FILE_SIZE, "%s/%s", dir->path, name);

    if (len < 0 || len >= TEMPDIR_FILE_SIZE)
        fail_msg("the name %s is too long", name);
    return ret;
}
