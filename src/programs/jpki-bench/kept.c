/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/file.h"

#include <stdlib.h>
#include <unistd.h>

static const char *chosen;
static uint64_t largest = UINT64_MAX;

void bench_keep_in(const char *dir)
{
    chosen = dir;
}

void bench_leave_out_above(int64_t size)
{
    largest = size == 0 ? UINT64_MAX : (uint64_t)size;
}

uint64_t bench_largest(void)
{
    return largest;
}

/* XDG Base Directory Specification: relative paths in its variables are to be ignored. */
static int cache_dir(char **ret, struct err *err)
{
    const char *cache = secure_getenv("XDG_CACHE_HOME");
    const char *home = secure_getenv("HOME");

    if (cache != NULL && cache[0] == '/')
        return path_format(ret, err, "%s", cache);
    if (home == NULL || home[0] != '/')
        return FAIL(err, ERR_USAGE, "without HOME and XDG_CACHE_HOME, give --dir");
    return path_format(ret, err, "%s/.cache", home);
}

static int own_cache_dir(char **ret, struct err *err)
{
    CLEANUP(free_text) char *cache = NULL;
    CLEANUP(free_text) char *own = NULL;

    TRY(cache_dir(&cache, err));
    TRY(path_format(&own, err, "%s/openjpki", cache));
    if (access(cache, F_OK) < 0)
        TRY(dir_make(cache, 0700, err));
    TRY(dir_make(own, 0700, err));
    *ret = own;
    own = NULL;
    return 0;
}

int bench_kept_dir(char **ret, struct err *err)
{
    const char *dir = chosen != NULL ? chosen : secure_getenv("JPKI_BENCH_DIR");

    return dir == NULL ? own_cache_dir(ret, err) : path_format(ret, err, "%s", dir);
}
