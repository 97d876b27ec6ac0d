/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short-lived child unshares, brings the loopback up and says "ready"; we open its namespaces
 * through /proc and let it go. From then on the two descriptors are the namespace: every program
 * started later joins by setns(2), also after pcscd was killed and started again.
 *
 * The mount namespace is made by each program that needs one instead of being joined, because
 * setns(2) into a mount namespace leaves a chroot, in which a sandbox may well be running.
 */
#include "sandbox/namespace.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_FOLDER_SIZE = sizeof "/run/" + 255 }; /* a file's name has at most 255 octets */

static int loopback_up(struct err *err)
{
    CLEANUP(fd_done) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo"};

    if (fd < 0)
        return FAIL_ERRNO(err, "no socket in the new network");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return FAIL_ERRNO(err, "the loopback of the new network does not come up");
    return 0;
}

static int write_proc(const char *path, const char *text, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open %s", path);
    if (write(fd, text, strlen(text)) < 0)
        return FAIL_ERRNO(err, "cannot write %s", path);
    return 0;
}

/* Ids stay what they are, so that SO_PEERCRED means the same inside and outside. */
static int map_own_ids(uid_t uid, gid_t gid, struct err *err)
{
    char line[64];

    TRY(write_proc("/proc/self/setgroups", "deny", err));
    snprintf(line, sizeof line, "%u %u 1", (unsigned)uid, (unsigned)uid);
    TRY(write_proc("/proc/self/uid_map", line, err));
    snprintf(line, sizeof line, "%u %u 1", (unsigned)gid, (unsigned)gid);
    return write_proc("/proc/self/gid_map", line, err);
}

static int unshare_all(bool with_user, struct err *err)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    /* /proc/self of a process that is not dumpable belongs to root: no id map, no ns/net. */
    if (with_user && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "prctl");
    if (with_user && unshare(CLONE_NEWUSER) < 0)
        return FAIL_ERRNO(err, "this machine does not let a plain user make a user namespace");
    if (with_user)
        TRY(map_own_ids(uid, gid, err));
    if (unshare(CLONE_NEWNET) < 0)
        return FAIL_ERRNO(err, "this machine does not permit a network namespace");
    TRY(loopback_up(err));
    /* Asked for now, because pcscd will need it and the answer belongs into the same reason. */
    if (unshare(CLONE_NEWNS) < 0)
        return FAIL_ERRNO(err, "this machine does not permit a mount namespace");
    return 0;
}

/* The child's end: report over the pipe, then wait until the parent has taken the descriptors. */
static void holder(int report_fd, int hold_fd, bool with_user)
{
    struct err err = {0};
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int rc = unshare_all(with_user, &err);
    if (write(report_fd, &err, sizeof err) != (ssize_t)sizeof err)
        _exit(1);
    if (rc == 0 && read(hold_fd, &byte, 1) < 0)
        _exit(1);
    _exit(0);
}

static int open_ns(pid_t pid, const char *name, int *ret, struct err *err)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open %s", path);
    *ret = fd;
    return 0;
}

static int take_descriptors(int report_fd, pid_t pid, bool with_user, struct namespace *ret,
                            struct err *err)
{
    CLEANUP(namespace_done) struct namespace ns = NAMESPACE_INIT;
    struct err reported;

    if (read(report_fd, &reported, sizeof reported) != (ssize_t)sizeof reported)
        return FAIL(err, ERR_SYSTEM, "the process that makes namespaces died");
    if (reported.kind != ERR_NONE) {
        reported.text[sizeof reported.text - 1] = '\0';
        return FAIL_WITH(err, ERR_DENIED, reported.detail, "%s", reported.text);
    }
    if (with_user)
        TRY(open_ns(pid, "user", &ns.user_fd, err));
    TRY(open_ns(pid, "net", &ns.net_fd, err));
    *ret = ns;
    ns = (struct namespace)NAMESPACE_INIT;
    return 0;
}

int namespace_make(struct namespace *ret, struct err *err)
{
    CLEANUP(fd_done) int report_in = -1;
    CLEANUP(fd_done) int report_out = -1;
    CLEANUP(fd_done) int hold_in = -1;
    CLEANUP(fd_done) int hold_out = -1;
    bool with_user = geteuid() != 0;
    int report[2];
    int hold[2];

    if (pipe2(report, O_CLOEXEC) < 0)
        return FAIL_ERRNO(err, "pipe");
    report_in = report[0];
    report_out = report[1];
    if (pipe2(hold, O_CLOEXEC) < 0)
        return FAIL_ERRNO(err, "pipe");
    hold_in = hold[0];
    hold_out = hold[1];

    pid_t pid = fork();
    if (pid < 0)
        return FAIL_ERRNO(err, "fork");
    if (pid == 0) {
        fd_done(&hold_out);
        holder(report_out, hold_in, with_user);
    }
    fd_done(&report_out);
    int rc = take_descriptors(report_in, pid, with_user, ret, err);
    fd_done(&hold_out);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return rc;
}

void namespace_done(struct namespace *ns)
{
    fd_done(&ns->user_fd);
    fd_done(&ns->net_fd);
}

int namespace_enter(const struct namespace *ns, struct err *err)
{
    if (ns->user_fd >= 0 && setns(ns->user_fd, CLONE_NEWUSER) < 0)
        return FAIL_ERRNO(err, "cannot join the user namespace");
    if (ns->net_fd >= 0 && setns(ns->net_fd, CLONE_NEWNET) < 0)
        return FAIL_ERRNO(err, "cannot join the network namespace");
    return 0;
}

/*
 * In a plain chroot "/" is no mount point and mount(2) refuses it; then go to the root of the
 * (private copy of the) mount namespace, mark everything there, and come back.
 */
static int mounts_private(struct err *err)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
        return 0;
    if (errno != EINVAL)
        return FAIL_ERRNO(err, "cannot detach the mounts of the new namespace");

    CLEANUP(fd_done) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(fd_done) int self = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (root < 0 || self < 0)
        return FAIL_ERRNO(err, "cannot find the root of the new mount namespace (is /proc there?)");
    if (setns(self, CLONE_NEWNS) < 0)
        return FAIL_ERRNO(err, "cannot reach the root of the new mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return FAIL_ERRNO(err, "cannot detach the mounts of the new namespace");
    if (fchdir(root) < 0 || chroot(".") < 0)
        return FAIL_ERRNO(err, "cannot return to the root directory");
    return 0;
}

/* The folder of /run that dir lies in, as "/run/NAME"; empty: dir lies elsewhere. */
static void folder_of_run(const char *dir, char ret[RUN_FOLDER_SIZE])
{
    size_t before = strlen("/run/");

    ret[0] = '\0';
    if (strncmp(dir, "/run/", before) == 0)
        (void)snprintf(ret, RUN_FOLDER_SIZE, "%.*s", (int)(before + strcspn(dir + before, "/")),
                       dir);
}

/* Put an empty /run over the real one, with room for pcscd; dir stays where it was. */
static int cover_run(const char *dir, struct err *err)
{
    char folder[RUN_FOLDER_SIZE], source[64];
    CLEANUP(fd_done) int fd = -1;

    folder_of_run(dir, folder);
    if (folder[0] != '\0' && (fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
        return FAIL_ERRNO(err, "cannot open %s", folder);
    if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0)
        return FAIL_ERRNO(err, "cannot cover /run");
    if (mkdir("/run/pcscd", 0755) < 0)
        return FAIL_ERRNO(err, "cannot make /run/pcscd");
    if (fd < 0)
        return 0;
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (mkdir(folder, 0755) < 0 || mount(source, folder, NULL, MS_BIND | MS_REC, NULL) < 0)
        return FAIL_ERRNO(err, "cannot keep %s", folder);
    return 0;
}

int namespace_cover_pcscd(const char *dir, struct err *err)
{
    char source[64];
    struct stat st;

    if (unshare(CLONE_NEWNS) < 0)
        return FAIL_ERRNO(err, "no mount namespace");
    TRY(mounts_private(err));
    /* Held by descriptor: dir may itself lie below the /run that is covered next. */
    CLEANUP(fd_done) int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open %s", dir);
    if (stat("/run/pcscd", &st) < 0)
        TRY(cover_run(dir, err));
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (mount(source, "/run/pcscd", NULL, MS_BIND, NULL) < 0)
        return FAIL_ERRNO(err, "cannot put %s over /run/pcscd", dir);
    return 0;
}
