/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen on the machine: processes behind sockets, files of keys, papers. */
#include "programs/jpkictl/evidence/evidence.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/sock.h"
#include "crypto/digest.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_MAX = 8192, PAPER_MAX = 64 * 1024 * 1024, OTHERS = S_IRWXG | S_IRWXO };

/* proc(5): what the kernel says of a process, whoever it is. */
static bool gains_nothing(pid_t pid)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    char path[64];
    const char *text;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    return file_read(path, STATUS_MAX, &file, NULL) == 0 && buf_text(&file, &text, NULL) == 0 &&
           strstr(text, "NoNewPrivs:\t1") != NULL;
}

static void look_at_process(const struct daemon_config *daemon, struct seen_process *ret)
{
    struct sock_peer peer;
    int fd;

    *ret = (struct seen_process){.name = daemon->name};
    if (sock_connect(daemon->socket, &fd, NULL) < 0)
        return;
    ret->is_there = sock_peer(fd, &peer, NULL) == 0;
    (void)close(fd);
    if (!ret->is_there)
        return;
    ret->uid = peer.uid;
    ret->gains_nothing = gains_nothing(peer.pid);
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void look_at_key(int folder, const char *name, struct seen_keys_folder *ret)
{
    struct stat st;

    if (!ends_in(name, ".key") || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    ret->files++;
    ret->open += (st.st_mode & OTHERS) != 0;
    if (ret->oldest_at == 0 || st.st_mtime < ret->oldest_at)
        ret->oldest_at = st.st_mtime;
}

static void look_at_folder(struct seen_keys_folder *ret)
{
    DIR *folder = opendir(ret->path);
    const struct dirent *entry;
    struct stat st;

    if (folder == NULL)
        return;
    ret->is_there = true;
    /* Whoever may write here can put another file in a key's place. */
    if (fstat(dirfd(folder), &st) == 0)
        ret->open += (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    while ((entry = readdir(folder)) != NULL)
        look_at_key(dirfd(folder), entry->d_name, ret);
    (void)closedir(folder);
}

/* One path a line, as CONF_PATHS has them. */
static int look_at_folders(const char *paths, struct gathered *ret, struct err *err)
{
    while (paths != NULL && *paths != '\0') {
        size_t len = strcspn(paths, "\n");
        struct seen_keys_folder *folder = &ret->folders[ret->folder_count];

        if (ret->folder_count == KEY_FOLDERS_MAX)
            return FAIL(err, ERR_INPUT, "more than %d folders of keys", KEY_FOLDERS_MAX);
        TRY(path_format(&folder->path, err, "%.*s", (int)len, paths));
        ret->folder_count++;
        look_at_folder(folder);
        paths += len + (paths[len] == '\n');
    }
    return 0;
}

static int look_at_paper(const char *path, struct seen_paper *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *text;
    struct stat st;

    *ret = (struct seen_paper){.is_named = path != NULL};
    if (path == NULL || stat(path, &st) < 0 || file_read(path, PAPER_MAX, &file, NULL) < 0)
        return 0;
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&file), &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(buf_text(&hex, &text, err));
    (void)snprintf(ret->hash, sizeof ret->hash, "%s", text);
    ret->changed_at = st.st_mtime;
    ret->is_there = true;
    return 0;
}

int evidence_look_at_host(const struct ctl_config *config, struct gathered *ret, struct err *err)
{
    for (size_t i = 0; i < config->daemon_count; i++)
        look_at_process(&config->daemon[i], &ret->processes[i]);
    ret->process_count = config->daemon_count;
    TRY(look_at_folders(config->evidence.keys, ret, err));
    for (size_t i = 0; i < PAPERS_; i++) {
        char *const *path = (char *const *)(const void *)((const char *)config +
                                                          evidence_papers[i].offset);

        TRY(look_at_paper(*path, &ret->papers[i], err));
    }
    return 0;
}
