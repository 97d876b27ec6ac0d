/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/setup_parts.h"

#include "base/file.h"
#include "sandbox/builds.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MAX = 16384, KEY_MAX = 4096 };

bool setup_exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

int setup_open_owned(const char *path, enum identity identity, mode_t mode, int *ret_fd,
                     struct err *err)
{
    uid_t id = identity_uid(identity);

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", path);
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (identities_are_separate() && fchown(fd, id, id) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (fchmod(fd, mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int setup_make_owned(const char *path, enum identity identity, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    return setup_open_owned(path, identity, 0700, &fd, err);
}

static int expand(const struct buf *text, const char *dir, struct buf *ret, struct err *err)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == '@')
            TRY(buf_append_text(ret, dir, err));
        else
            TRY(buf_append_byte(ret, text->ptr[i], err));
    }
    return 0;
}

int setup_write_conf(const struct roster *roster, const char *name, const struct buf *text,
                     char **ret_path, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf expanded = BUF_INIT;

    TRY(expand(text, roster->layout->dir, &expanded, err));
    TRY(path_format(&path, err, "%s/conf/%s", roster->layout->dir, name));
    TRY(file_replace(path, 0640, buf_bytes(&expanded), err));
    *ret_path = path;
    path = NULL;
    return 0;
}

const char *setup_key_suffix(const struct roster *roster)
{
    return roster->turns % 2 == 0 ? "" : "-b";
}

int setup_append_checkpoints(const char *daemon, struct buf *text, struct err *err)
{
    return buf_append_format(text, err,
                             "audit_key = audit-%s\n"
                             "audit_origin = " SETUP_LOG_PREFIX "%s\n"
                             "audit_every_s = 10\n"
                             "witness_peers = %u\n",
                             daemon, daemon, (unsigned)identity_uid(IDENTITY_WITNESS));
}

/* output_fd 0: what it prints goes to its log, as its errors do. */
static int run(const struct roster *roster, const struct tool *tool, int output_fd, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *log = NULL;
    const char *argv[SETUP_WORDS_MAX + 2] = {NULL};

    TRY(build_path(roster->bin_dir, tool->program, &path, err));
    TRY(path_format(&log, err, "%s/log/%s.log", roster->layout->dir, tool->program));
    argv[0] = path;
    for (size_t i = 0; i < SETUP_WORDS_MAX && tool->words[i] != NULL; i++)
        argv[i + 1] = tool->words[i];
    struct process process = {.argv = argv,
                              .directory = roster->layout->dir,
                              .log_path = log,
                              .output_fd = output_fd,
                              .identity = tool->identity};
    return supervisor_run(roster->supervisor, &process, err);
}

int setup_run(const struct roster *roster, const struct tool *tool, struct err *err)
{
    return run(roster, tool, 0, err);
}

int setup_keep(const struct roster *roster, const struct tool *tool, const char *below, mode_t mode,
               struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf output = BUF_INIT;
    CLEANUP(fd_done) int fd = memfd_create("output", MFD_CLOEXEC);

    TRY(layout_path(roster->layout, below, &path, err));
    if (setup_exists(path))
        return 0;
    if (fd < 0)
        return FAIL_ERRNO(err, "memfd_create");
    TRY(run(roster, tool, fd, err));
    if (lseek(fd, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "lseek");
    TRY(file_read_fd(fd, OUTPUT_MAX, &output, err));
    return file_replace(path, mode, buf_bytes(&output), err);
}

int setup_keep_or(const struct roster *roster, const struct tool *add, const struct tool *renew,
                  const char *below, struct err *err)
{
    if (setup_keep(roster, add, below, 0600, err) == 0)
        return 0;
    return setup_keep(roster, renew, below, 0600, err);
}

int setup_copy_key(const struct roster *roster, const char *from, const char *to,
                   enum identity identity, struct err *err)
{
    CLEANUP(free_text) char *source = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    uid_t id = identity_uid(identity);

    TRY(layout_path(roster->layout, from, &source, err));
    TRY(layout_path(roster->layout, to, &path, err));
    TRY(file_read(source, KEY_MAX, &key, err));
    TRY(file_replace(path, 0600, buf_bytes(&key), err));
    if (identities_are_separate() && lchown(path, id, id) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}
