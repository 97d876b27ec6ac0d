/* SPDX-License-Identifier: Apache-2.0 */
/*
 * powercut DIRECTORY MOUNTPOINT: a file system whose power can be cut.
 *
 * The regular files of DIRECTORY appear under MOUNTPOINT. What programs write there they read
 * there, but DIRECTORY gets it only at the end, and then what a disk would have (disk.h): what was
 * synced, and of the rest nothing, all or a part. There are no folders in it. Reads and writes
 * pass no cache of the kernel; locks are the kernel's. Prints "ready" and stays until SIGTERM,
 * which ends it in good order. It also ends with whoever started it. Files whose names end with
 * "-shm" pass through the cache, so that they can be mapped: SQLite's index of its log, which it
 * makes anew after a cut.
 *
 * Orders are written to MOUNTPOINT/.powercut, one at a time:
 *
 *     cut FATE [SEED]        cut the power now
 *     cut-at N FATE [SEED]   at the Nth operation that writes, counted from now
 *     kill-at N [NAME]       kill -9 who does the Nth, once it is done; the power stays. Only
 *                            operations on files whose names begin with NAME count
 *     full                   no file is made or becomes longer: ENOSPC
 *     room                   until there is room again
 *     on                     the power comes again: read DIRECTORY, as a new mount would
 *
 * Operations that write: create, write, truncate, link, unlink, rename and both kinds of sync.
 * FATE: none, all, names, data, torn, some (the only one with a SEED; disk.h tells them apart).
 * Without power everything fails with EIO, and files opened before stay so for ever. Reading
 * .powercut gives "operations N power on|off pending N", the last being changes that are not
 * synced, and a line "unsynced" with the names of files whose contents were not synced when the
 * last order struck. A file that survives has the inode number that it had.
 */
#define FUSE_USE_VERSION 35

#include "disk.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { CONTROL_NODE = 2, ORDER_MAX = 80, REPORT_MAX = 80 + DISK_STRUCK_SIZE };

static const char control_name[] = ".powercut";

static struct disk *disk_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

/* Before the answer, so that the caller never sees it. */
static void kill_if_ordered(fuse_req_t req, int rc)
{
    if (rc == 0 && disk_kills_now(disk_of(req)))
        (void)kill(fuse_req_ctx(req)->pid, SIGKILL);
}

static void reply(fuse_req_t req, int rc)
{
    kill_if_ordered(req, rc);
    fuse_reply_err(req, -rc);
}

static struct stat attributes(fuse_ino_t node, mode_t mode, nlink_t names, size_t size)
{
    return (struct stat){
        .st_ino = node,
        .st_mode = mode,
        .st_nlink = names,
        .st_size = (off_t)size,
        .st_uid = geteuid(),
        .st_gid = getegid(),
        .st_blksize = 4096,
    };
}

static int look(struct disk *disk, fuse_ino_t node, struct stat *ret)
{
    struct disk_stat found;
    int rc;

    if (node == CONTROL_NODE) {
        *ret = attributes(node, S_IFREG | 0600, 1, 0);
        return 0;
    }
    if (node == FUSE_ROOT_ID) {
        *ret = attributes(node, S_IFDIR | 0700, 2, 0);
        return disk_is_off(disk) ? -EIO : 0;
    }
    rc = disk_look(disk, node, &found);
    if (rc == 0)
        *ret = attributes(found.mark, S_IFREG | found.mode, found.names, found.size);
    return rc;
}

/* Nothing is remembered by the kernel, so that a cut is seen at once. */
static int entry_of(struct disk *disk, fuse_ino_t node, struct fuse_entry_param *ret)
{
    *ret = (struct fuse_entry_param){.ino = node, .generation = 1};
    return look(disk, node, &ret->attr);
}

static void reply_entry(fuse_req_t req, int rc, fuse_ino_t node)
{
    struct fuse_entry_param entry;

    if (rc == 0)
        rc = entry_of(disk_of(req), node, &entry);
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        fuse_reply_entry(req, &entry);
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    uint64_t node = CONTROL_NODE;
    int rc = 0;

    (void)parent;
    if (strcmp(name, control_name) != 0)
        rc = disk_find(disk_of(req), name, &node);
    reply_entry(req, rc, node);
}

static void on_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
    struct stat st;
    int rc = look(disk_of(req), node, &st);

    (void)info;
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        fuse_reply_attr(req, &st, 0);
}

static void on_setattr(fuse_req_t req, fuse_ino_t node, struct stat *to, int which,
                       struct fuse_file_info *info)
{
    struct disk *disk = disk_of(req);
    int rc = 0;

    if (node != CONTROL_NODE && (which & FUSE_SET_ATTR_MODE) != 0)
        rc = disk_chmod(disk, node, to->st_mode);
    if (rc == 0 && node != CONTROL_NODE && (which & FUSE_SET_ATTR_SIZE) != 0)
        rc = disk_resize(disk, node, (size_t)to->st_size);
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        on_getattr(req, node, info);
}

static bool is_to_be_mapped(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, "-shm") == 0;
}

/* By any of its names. */
static bool can_be_mapped(struct disk *disk, fuse_ino_t node)
{
    const char *name;
    uint64_t file;

    for (size_t i = 0; disk_name_at(disk, i, &name, &file) == 0; i++)
        if (file == node && is_to_be_mapped(name))
            return true;
    return false;
}

static void on_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
    struct stat st;
    int rc = look(disk_of(req), node, &st);

    info->direct_io = !can_be_mapped(disk_of(req), node);
    if (rc < 0) {
        fuse_reply_err(req, -rc);
        return;
    }
    disk_open(disk_of(req), node);
    fuse_reply_open(req, info);
}

static void on_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
    (void)info;
    disk_close(disk_of(req), node);
    fuse_reply_err(req, 0);
}

static void on_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                      struct fuse_file_info *info)
{
    struct disk *disk = disk_of(req);
    struct fuse_entry_param entry;
    uint64_t node;
    int rc = disk_create(disk, name, mode, &node);

    (void)parent;
    kill_if_ordered(req, rc);
    if (rc == 0)
        rc = entry_of(disk, node, &entry);
    info->direct_io = !is_to_be_mapped(name);
    if (rc < 0) {
        fuse_reply_err(req, -rc);
        return;
    }
    disk_open(disk, node);
    fuse_reply_create(req, &entry, info);
}

static void on_read(fuse_req_t req, fuse_ino_t node, size_t len, off_t offset,
                    struct fuse_file_info *info)
{
    struct disk *disk = disk_of(req);
    char report[REPORT_MAX];
    struct bytes data;
    int rc = 0;

    (void)info;
    if (node == CONTROL_NODE) {
        (void)snprintf(report, sizeof report, "operations %u power %s pending %u\nunsynced%s\n",
                       disk_operations(disk), disk_is_off(disk) ? "off" : "on", disk_pending(disk),
                       disk_struck(disk));
        data = bytes_part(bytes_text(report), (size_t)offset, len);
    } else {
        rc = disk_read(disk, node, (size_t)offset, len, &data);
    }
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        fuse_reply_buf(req, (const char *)data.ptr, data.len);
}

static int fate_named(const char *name, enum disk_fate *ret)
{
    static const char *const names[] = {"none", "all", "names", "data", "torn", "some"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret = (enum disk_fate)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int obey(struct disk *disk, const char *text)
{
    struct disk_order order = {.nth = 0};
    char fate[8];

    if (strcmp(text, "on") == 0)
        return disk_power_on(disk, NULL) < 0 ? -EIO : 0;
    if (strcmp(text, "full") == 0 || strcmp(text, "room") == 0) {
        disk_fill(disk, strcmp(text, "full") == 0);
        return 0;
    }
    if (sscanf(text, "kill-at %u %79s", &order.nth, order.name) >= 1) {
        order.is_kill = true;
        disk_order(disk, &order);
        return 0;
    }
    if (sscanf(text, "cut-at %u %7s %" SCNu64, &order.nth, fate, &order.seed) >= 2) {
        int rc = fate_named(fate, &order.fate);

        if (rc == 0)
            disk_order(disk, &order);
        return rc;
    }
    if (sscanf(text, "cut %7s %" SCNu64, fate, &order.seed) >= 1) {
        int rc = fate_named(fate, &order.fate);

        return rc < 0 ? rc : disk_cut(disk, &order, NULL) < 0 ? -EIO : 0;
    }
    return -EINVAL;
}

static void on_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t len, off_t offset,
                     struct fuse_file_info *info)
{
    struct disk *disk = disk_of(req);
    char text[ORDER_MAX + 1];
    int rc;

    (void)info;
    if (node != CONTROL_NODE) {
        rc = disk_write(disk, node, (size_t)offset, bytes_of(data, len));
        kill_if_ordered(req, rc);
    } else {
        (void)snprintf(text, sizeof text, "%.*s", (int)(len > ORDER_MAX ? ORDER_MAX : len), data);
        text[strcspn(text, "\n")] = 0;
        rc = obey(disk, text);
    }
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        fuse_reply_write(req, len);
}

static void on_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t parent, const char *name)
{
    int rc = disk_link(disk_of(req), node, name);

    (void)parent;
    kill_if_ordered(req, rc);
    reply_entry(req, rc, node);
}

static void on_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    (void)parent;
    reply(req, disk_unlink(disk_of(req), name));
}

static void on_rename(fuse_req_t req, fuse_ino_t parent, const char *from, fuse_ino_t to_parent,
                      const char *to, unsigned flags)
{
    (void)parent, (void)to_parent;
    reply(req, flags != 0 ? -EINVAL : disk_rename(disk_of(req), from, to));
}

static void on_fsync(fuse_req_t req, fuse_ino_t node, int data_only, struct fuse_file_info *info)
{
    (void)data_only, (void)info;
    reply(req, disk_sync(disk_of(req), node));
}

static void on_fsyncdir(fuse_req_t req, fuse_ino_t node, int data_only, struct fuse_file_info *info)
{
    (void)node, (void)data_only, (void)info;
    reply(req, disk_sync_names(disk_of(req)));
}

static void on_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
    on_open(req, node, info);
}

/* One entry at a time: programs here look at a handful of files. */
static void on_readdir(fuse_req_t req, fuse_ino_t node, size_t len, off_t offset,
                       struct fuse_file_info *info)
{
    char entry[DISK_NAME_MAX + 64];
    const char *name;
    struct stat st;
    uint64_t file;
    int rc = disk_name_at(disk_of(req), (size_t)offset, &name, &file);

    (void)node, (void)info;
    if (rc == -ENOENT) {
        fuse_reply_buf(req, NULL, 0);
        return;
    }
    if (rc == 0)
        rc = look(disk_of(req), file, &st);
    if (rc < 0)
        fuse_reply_err(req, -rc);
    else
        fuse_reply_buf(req, entry,
                       fuse_add_direntry(req, entry, len < sizeof entry ? len : sizeof entry, name,
                                         &st, offset + 1));
}

static const struct fuse_lowlevel_ops operations = {
    .lookup = on_lookup,
    .getattr = on_getattr,
    .setattr = on_setattr,
    .open = on_open,
    .release = on_release,
    .create = on_create,
    .read = on_read,
    .write = on_write,
    .link = on_link,
    .unlink = on_unlink,
    .rename = on_rename,
    .fsync = on_fsync,
    .fsyncdir = on_fsyncdir,
    .opendir = on_opendir,
    .readdir = on_readdir,
};

static int serve(struct disk *disk, const char *mountpoint)
{
    char *argv[] = {(char[]){"powercut"}, (char[]){"-ofsname=powercut"}, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(2, argv);
    struct fuse_session *session = fuse_session_new(&args, &operations, sizeof operations, disk);
    int rc = -1;

    fuse_opt_free_args(&args);
    if (session == NULL)
        return -1;
    if (fuse_set_signal_handlers(session) == 0 && fuse_session_mount(session, mountpoint) == 0) {
        (void)printf("ready\n");
        (void)fflush(stdout);
        rc = fuse_session_loop(session);
        fuse_session_unmount(session);
        fuse_remove_signal_handlers(session);
    }
    fuse_session_destroy(session);
    return rc < 0 ? -1 : 0;
}

int main(int argc, char *argv[])
{
    struct err err = {.text = ""};
    struct disk *disk;
    int rc;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: powercut DIRECTORY MOUNTPOINT\n");
        return 2;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (disk_new(argv[1], &disk, &err) < 0) {
        (void)fprintf(stderr, "powercut: %s\n", err.text);
        return 1;
    }
    rc = serve(disk, argv[2]);
    if (disk_stop(disk, &err) < 0) {
        (void)fprintf(stderr, "powercut: %s\n", err.text);
        rc = -1;
    }
    disk_free(disk);
    return rc < 0 ? 1 : 0;
}
