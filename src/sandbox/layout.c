/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock is a POSIX record lock: it belongs to the supervisor's process alone, is not inherited
 * by the programs it starts, goes when it is killed, and the kernel names its holder. It also goes
 * when the process closes any descriptor of the file, so the holder must not ask who holds it.
 */
#include "sandbox/layout.h"

#include "base/file.h"
#include "base/sock.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char marker_name[] = ".jpki-sandbox";
static const char marker_text[] = "OpenJPKI sandbox, version 1\n";

/* The longest socket of all decides how long a directory may be. */
static_assert(SANDBOX_DIR_MAX + sizeof "/authority/authority.sock" - 1 == SOCK_PATH_MAX,
              "the limit follows from the longest socket");

struct folder {
    const char *name;
    enum identity owner;
    mode_t mode;
    bool is_of_one_run; /* emptied at each start */
    bool is_of_page;    /* its group is the start page's */
};

/*
 * 02710: the sockets made inside belong to the group that every program of the sandbox is in, so
 * that the others may connect (who is answered is decided by SO_PEERCRED); keys and databases
 * lie deeper, in what the programs themselves keep closed. Where the page alone has business, the
 * group is the page's.
 */
static const struct folder folders[] = {
    {"conf", IDENTITY_OWNER, 02750, false},
    {"log", IDENTITY_OWNER, 0700, false},
    {"trace", IDENTITY_OWNER, 02751, true, true},
    {"anchors", IDENTITY_OWNER, 0755, false},
    {"card-anchors", IDENTITY_OWNER, 0755, false},
    {"pcscd", IDENTITY_READER, 0755, false},
    {"signer-ca", IDENTITY_SIGNER_CA, 02710, false},
    {"signer-ocsp", IDENTITY_SIGNER_OCSP, 02710, false},
    {"signer-token", IDENTITY_SIGNER_TOKEN, 02710, false},
    {"signer-card", IDENTITY_SIGNER_CARD, 02710, false},
    {"signer-witness", IDENTITY_SIGNER_WITNESS, 02710, false},
    {"authority", IDENTITY_AUTHORITY, 02710, false},
    {"register", IDENTITY_REGISTER, 02710, false},
    {"ocsp", IDENTITY_OCSP, 02710, false},
    {"platform", IDENTITY_PLATFORM, 02710, false},
    {"authapp", IDENTITY_AUTHAPP, 02710, false},
    {"portal", IDENTITY_PORTAL, 02710, false},
    {"sites", IDENTITY_OWNER, 02710, false},
    {"witness", IDENTITY_WITNESS, 02710, false},
    {"note-keys", IDENTITY_OWNER, 0755, false},
    {"card", IDENTITY_CARD, 02710, false, true},
    {"clerks", IDENTITY_OWNER, 02710, false},
    {"clerks/first", IDENTITY_FIRST_CLERK, 02710, false, true},
    {"clerks/second", IDENTITY_SECOND_CLERK, 02710, false, true},
    {"programs", IDENTITY_OWNER, 02750, false},
    {"personas", IDENTITY_OWNER, 02750, false, true},
    {"state", IDENTITY_OWNER, 02750, false, true},
    {"providers", IDENTITY_OWNER, 0700, false},
    {"issuer-keys", IDENTITY_OWNER, 0700, false},
    {"certificates", IDENTITY_OWNER, 0755, false},
    {"page", IDENTITY_PAGE, 02710, true},
    {"phone", IDENTITY_CARD, 02710, true, true},
};

/* Root's own $XDG_RUNTIME_DIR would shut the other users of a sandbox out. */
static int default_directory(char **ret, struct err *err)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");

    if (identities_are_separate())
        return path_format(ret, err, "/run/jpki-sandbox");
    if (runtime != NULL && runtime[0] == '/')
        return path_format(ret, err, "%s/jpki-sandbox", runtime);
    return path_format(ret, err, "/tmp/jpki-sandbox-%u", (unsigned)geteuid());
}

static int absolute(const char *dir, char **ret, struct err *err)
{
    CLEANUP(free_text) char *here = NULL;

    if (dir == NULL)
        return default_directory(ret, err);
    if (dir[0] == '\0')
        return FAIL(err, ERR_INPUT, "the name of the sandbox directory is empty");
    if (dir[0] == '/')
        return path_format(ret, err, "%s", dir);
    here = getcwd(NULL, 0);
    if (here == NULL)
        return FAIL_ERRNO(err, "no current directory");
    return path_format(ret, err, "%s/%s", here, dir);
}

int layout_init(const char *dir, struct layout *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(absolute(dir, &path, err));
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    if (strcmp(path, "/") == 0)
        return FAIL(err, ERR_INPUT, "the root directory cannot be a sandbox");
    if (strlen(path) > SANDBOX_DIR_MAX)
        return FAIL(err, ERR_INPUT,
                    "the sandbox directory's path has %zu bytes; sockets below it leave room for "
                    "%d: choose a shorter one with --dir",
                    strlen(path), SANDBOX_DIR_MAX);
    ret->dir = path;
    ret->lock_fd = -1;
    ret->watch_fd = -1;
    path = NULL;
    return 0;
}

void layout_done(struct layout *layout)
{
    fd_done(&layout->lock_fd);
    fd_done(&layout->watch_fd);
    free_text(&layout->dir);
}

int layout_path(const struct layout *layout, const char *below, char **ret, struct err *err)
{
    return path_format(ret, err, "%s/%s", layout->dir, below);
}

static int read_marker(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(layout_path(layout, marker_name, &path, err));
    TRY(file_read(path, sizeof marker_text * 2, &text, err));
    if (!bytes_equal(buf_bytes(&text), bytes_text(marker_text)))
        return FAIL(err, ERR_CONFLICT, "%s was made by another version of OpenJPKI", layout->dir);
    return 0;
}

/* Halves of a marker that were left by a kill while it was being made do not count. */
static bool is_foreign(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strncmp(name, marker_name, strlen(marker_name)) != 0;
}

static int is_empty(const char *path, bool *ret, struct err *err)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool empty = true;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", path);
    while ((entry = readdir(dir)) != NULL)
        empty = empty && !is_foreign(entry->d_name);
    (void)closedir(dir);
    *ret = empty;
    return 0;
}

/* Nobody else may be able to put a directory or a link in our place: /tmp belongs to all. */
static int check_owner(const char *path, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (!S_ISDIR(st.st_mode))
        return FAIL(err, ERR_CONFLICT, "%s is not a directory", path);
    if (st.st_uid != geteuid())
        return FAIL(err, ERR_DENIED, "%s belongs to somebody else (uid %u)", path,
                    (unsigned)st.st_uid);
    return 0;
}

int layout_check(const struct layout *layout, struct err *err)
{
    struct stat st;

    if (layout->watch_fd >= 0)
        return 0; /* this was looked at when watching began */
    if (lstat(layout->dir, &st) < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "there is no sandbox in %s: start one with 'jpki-sandbox up'",
                    layout->dir);
    TRY(check_owner(layout->dir, err));
    int rc = read_marker(layout, err);
    if (err_kind_of(rc) == ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no sandbox in %s: start one with 'jpki-sandbox up'",
                    layout->dir);
    return rc;
}

static int make_folder(const struct layout *layout, const struct folder *folder, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    uid_t id = identity_uid(folder->owner);
    gid_t group = folder->is_of_page ? identity_group_of_page() : identity_group();

    TRY(layout_path(layout, folder->name, &path, err));
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", path);
    if (identities_are_separate() && lchown(path, id, group) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (chmod(path, identities_are_separate() ? folder->mode : 0700) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

/* Programs with users of their own have to get to the directory. */
static int check_parents(const char *dir, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    struct stat st;

    TRY(path_format(&path, err, "%s", dir));
    for (char *slash = strrchr(path, '/'); slash != path; slash = strrchr(path, '/')) {
        *slash = '\0';
        if (stat(path, &st) < 0)
            return FAIL_ERRNO(err, "%s", path);
        if ((st.st_mode & S_IXOTH) == 0)
            return FAIL(err, ERR_INPUT,
                        "only its owner may enter %s, but run by root the programs of a sandbox "
                        "have users of their own: choose another directory with --dir",
                        path);
    }
    return 0;
}

int layout_claim(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *marker = NULL;
    bool empty = false;

    if (identities_are_separate())
        TRY(check_parents(layout->dir, err));
    if (mkdir(layout->dir, 0700) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", layout->dir);
    TRY(check_owner(layout->dir, err));
    int rc = read_marker(layout, err);
    if (err_kind_of(rc) != ERR_ABSENT)
        return rc;
    TRY(is_empty(layout->dir, &empty, err));
    if (!empty)
        return FAIL(err, ERR_CONFLICT,
                    "%s is not empty and was not made by jpki-sandbox: choose another directory",
                    layout->dir);
    TRY(layout_path(layout, marker_name, &marker, err));
    return file_create(marker, 0600, bytes_text(marker_text), err);
}

static int open_lock(const struct layout *layout, int flags, int *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "lock", &path, err));
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "%s: no such file", path);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret = fd;
    return 0;
}

/* The process that holds a lock in our way: 0 for none, -1 for one we cannot see. */
static int holder_of(int fd, pid_t *ret, struct err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_GETLK, &lock) < 0)
        return FAIL_ERRNO(err, "cannot look at the lock");
    if (lock.l_type == F_UNLCK)
        *ret = 0;
    else
        *ret = lock.l_pid > 0 ? lock.l_pid : -1;
    return 0;
}

int layout_lock(struct layout *layout, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pid_t pid = 0;

    TRY(open_lock(layout, O_RDWR | O_CREAT, &fd, err));
    if (fcntl(fd, F_SETLK, &lock) < 0) {
        if (errno != EACCES && errno != EAGAIN)
            return FAIL_ERRNO(err, "cannot lock %s", layout->dir);
        TRY(holder_of(fd, &pid, err));
        return FAIL(err, ERR_CONFLICT,
                    "a sandbox is already running in %s (process %d): stop it with 'jpki-sandbox "
                    "down', or choose another directory with --dir",
                    layout->dir, (int)pid);
    }
    layout->lock_fd = fd;
    fd = -1;
    return 0;
}

/* Not by the path: what is there now may be another sandbox's. */
bool layout_is_there(const struct layout *layout)
{
    struct stat st;

    return fstat(layout->lock_fd, &st) == 0 && st.st_nlink > 0;
}

int layout_watch(struct layout *layout, struct err *err)
{
    TRY(layout_check(layout, err));
    return open_lock(layout, O_RDONLY, &layout->watch_fd, err);
}

int layout_supervisor(const struct layout *layout, pid_t *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    if (layout->watch_fd >= 0)
        return holder_of(layout->watch_fd, ret, err);
    int rc = open_lock(layout, O_RDWR, &fd, err);
    if (err_kind_of(rc) == ERR_ABSENT) {
        *ret = 0;
        return 0;
    }
    TRY(rc);
    return holder_of(fd, ret, err);
}

int layout_running(const struct layout *layout, pid_t *ret, struct err *err)
{
    pid_t pid = 0;

    TRY(layout_check(layout, err));
    TRY(layout_supervisor(layout, &pid, err));
    if (pid == 0)
        return FAIL(err, ERR_ABSENT,
                    "the sandbox in %s is not running: start it with 'jpki-sandbox up'",
                    layout->dir);
    if (pid < 0)
        return FAIL(err, ERR_ABSENT, "the sandbox in %s runs where it cannot be seen from here",
                    layout->dir);
    *ret = pid;
    return 0;
}

static int empty_directory(int dir_fd, dev_t device, struct err *err);

static int remove_entry(int dir_fd, const char *name, dev_t device, struct err *err)
{
    struct stat st;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", name);
    if (st.st_dev != device)
        return FAIL(err, ERR_CONFLICT, "%s is another file system and stays", name);
    if (S_ISDIR(st.st_mode)) {
        int below = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
            return FAIL_ERRNO(err, "%s", name);
        TRY(empty_directory(below, device, err));
    }
    if (unlinkat(dir_fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
        return FAIL_ERRNO(err, "cannot remove %s", name);
    return 0;
}

/* Takes dir_fd. */
static int empty_directory(int dir_fd, dev_t device, struct err *err)
{
    DIR *dir = fdopendir(dir_fd);
    const struct dirent *entry;
    int rc = 0;

    if (dir == NULL) {
        fd_done(&dir_fd);
        return FAIL_ERRNO(err, "cannot list a directory of the sandbox");
    }
    while (rc == 0 && (entry = readdir(dir)) != NULL)
        rc = remove_entry(dirfd(dir), entry->d_name, device, err);
    (void)closedir(dir);
    return rc;
}

/* The folder itself stays: a page that was started by hand may read that one and no other. */
static int empty_folder(int dir_fd, const char *name, dev_t device, struct err *err)
{
    struct stat st;

    int below = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0 || fstat(below, &st) < 0 || st.st_dev != device) {
        fd_done(&below);
        return remove_entry(dir_fd, name, device, err);
    }
    return empty_directory(below, device, err);
}

/* All of them are removed, or those that are of one run emptied. */
static int clear_folders(const struct layout *layout, bool all, struct err *err)
{
    CLEANUP(fd_done)
    int fd = open(layout->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "%s", layout->dir);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (all)
            TRY(remove_entry(fd, folders[i].name, st.st_dev, err));
        else if (folders[i].is_of_one_run)
            TRY(empty_folder(fd, folders[i].name, st.st_dev, err));
    return 0;
}

/* When there was one zone of signerd, its folder had another name. */
static int rename_signer(const struct layout *layout, struct err *err)
{
    CLEANUP(free_text) char *old = NULL;
    CLEANUP(free_text) char *new = NULL;

    TRY(layout_path(layout, "signer", &old, err));
    TRY(layout_path(layout, "signer-ca", &new, err));
    if (rename(old, new) < 0 && errno != ENOENT)
        return FAIL_ERRNO(err, "%s", old);
    return 0;
}

int layout_make(const struct layout *layout, struct err *err)
{
    TRY(layout_claim(layout, err));
    TRY(rename_signer(layout, err));
    if (identities_are_separate() && chown(layout->dir, (uid_t)-1, identity_group()) < 0)
        return FAIL_ERRNO(err, "%s", layout->dir);
    if (chmod(layout->dir, identities_are_separate() ? 0710 : 0700) < 0)
        return FAIL_ERRNO(err, "%s", layout->dir);
    TRY(clear_folders(layout, false, err));
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        TRY(make_folder(layout, &folders[i], err));
    return 0;
}

int layout_reset(const struct layout *layout, struct err *err)
{
    static const char *const files[] = {"plugged", "state.json", "clock", "powers"};
    struct stat st;

    TRY(layout_check(layout, err));
    CLEANUP(fd_done) int fd = open(layout->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "%s", layout->dir);
    TRY(clear_folders(layout, true, err));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        TRY(remove_entry(fd, files[i], st.st_dev, err));
    return 0;
}
