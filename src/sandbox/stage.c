/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/stage.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATA_DEPTH_MAX = 8 };

int stage_is_open(const char *dir, bool *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    bool open = true;

    TRY(path_format(&path, err, "%s/", dir));
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        struct stat st;

        *slash = '\0';
        if (stat(path[0] == '\0' ? "/" : path, &st) < 0)
            return FAIL_ERRNO(err, "%s", path);
        open = open && (st.st_mode & S_IXOTH) != 0;
        *slash = '/';
    }
    *ret = open;
    return 0;
}

static int copy_file(const char *from_dir, const char *to_dir, const char *name, struct err *err)
{
    CLEANUP(free_text) char *from = NULL;
    CLEANUP(free_text) char *to = NULL;
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    struct stat st;

    TRY(path_format(&from, err, "%s/%s", from_dir, name));
    if (stat(from, &st) < 0)
        return FAIL_ERRNO(err, "%s", from);
    if (!S_ISREG(st.st_mode))
        return 0;
    TRY(path_format(&to, err, "%s/%s", to_dir, name));
    TRY(file_read(from, SANDBOX_PROGRAM_BYTES_MAX, &contents, err));
    return file_replace(to, (st.st_mode & S_IXUSR) != 0 ? 0755 : 0644, buf_bytes(&contents), err);
}

/* The files of a directory whose names begin like that. */
static int copy_files(const char *from, const char *to, const char *start, struct err *err)
{
    struct dirent **names = NULL;
    int count = scandir(from, &names, NULL, alphasort);
    int rc = 0;

    if (count < 0)
        return FAIL_ERRNO(err, "%s", from);
    for (int i = 0; i < count; i++) {
        if (rc == 0 && strncmp(names[i]->d_name, start, strlen(start)) == 0)
            rc = copy_file(from, to, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    return rc;
}

static int copy_folder(const char *from, const char *to, unsigned depth, struct err *err);

static int copy_below(const char *from_dir, const char *to_dir, const char *name, unsigned depth,
                      struct err *err)
{
    CLEANUP(free_text) char *from = NULL;
    CLEANUP(free_text) char *to = NULL;
    struct stat st;

    TRY(path_format(&from, err, "%s/%s", from_dir, name));
    TRY(path_format(&to, err, "%s/%s", to_dir, name));
    if (name[0] == '.' || stat(from, &st) < 0 || !S_ISDIR(st.st_mode))
        return 0;
    if (depth == 0)
        return FAIL(err, ERR_INPUT, "%s: more than %d folders deep", from, DATA_DEPTH_MAX);
    return copy_folder(from, to, depth - 1, err);
}

/* All that is below it: what programs read is found there, whatever comes to be added. */
static int copy_folder(const char *from, const char *to, unsigned depth, struct err *err)
{
    struct dirent **names = NULL;
    int count = 0;
    int rc = 0;

    TRY(dir_make(to, 0755, err));
    TRY(copy_files(from, to, "", err));
    count = scandir(from, &names, NULL, alphasort);
    if (count < 0)
        return FAIL_ERRNO(err, "%s", from);
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = copy_below(from, to, names[i]->d_name, depth, err);
        free(names[i]);
    }
    free(names);
    return rc;
}

static int copy_data(const char *bin_dir, const char *programs, const char *folder, struct err *err)
{
    CLEANUP(free_text) char *from = NULL;
    CLEANUP(free_text) char *to = NULL;

    TRY(path_format(&from, err, "%s/../share/%s", bin_dir, folder));
    if (access(from, F_OK) < 0)
        return 0; /* what the build has left out */
    TRY(path_format(&to, err, "%s/share/%s", programs, folder));
    return copy_folder(from, to, DATA_DEPTH_MAX, err);
}

int stage_copy(const char *bin_dir, const char *programs, struct err *err)
{
    static const char *const folders[] = {"openjpki", "locale"};
    CLEANUP(free_text) char *bin = NULL;
    CLEANUP(free_text) char *share = NULL;

    TRY(path_format(&bin, err, "%s/bin", programs));
    TRY(path_format(&share, err, "%s/share", programs));
    TRY(dir_make(bin, 0755, err));
    TRY(dir_make(share, 0755, err));
    TRY(copy_files(bin_dir, bin, "jpki-", err));
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        TRY(copy_data(bin_dir, programs, folders[i], err));
    return 0;
}

int stage_programs(const struct layout *layout, const char *bin_dir, char **ret, struct err *err)
{
    CLEANUP(free_text) char *programs = NULL;
    bool open = true;

    if (identities_are_separate())
        TRY(stage_is_open(bin_dir, &open, err));
    if (open)
        return path_format(ret, err, "%s", bin_dir);
    TRY(layout_path(layout, "programs", &programs, err));
    TRY(stage_copy(bin_dir, programs, err));
    return path_format(ret, err, "%s/bin", programs);
}
