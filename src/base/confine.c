/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock (landlock(7)) is reached by its system calls, because the C library has no functions for
 * it. Rights newer than Debian's header are spelled out. A right the running kernel does not know
 * must not be asked for, so every right carries the version it came with.
 *
 * The seccomp filter looks at one thing: socket() for another family than AF_UNIX. io_uring is
 * closed with it, since it makes sockets past the filter.
 */
#include "base/confine.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    FOR_READ = 1,  /* part of CONFINE_READ */
    FOR_WRITE = 2, /* part of CONFINE_WRITE */
    ON_FILE = 4,   /* means something on a path that is no directory */
};

static const struct {
    uint64_t right;
    int abi; /* first version that knows it */
    int where;
} rights[] = {
    {LANDLOCK_ACCESS_FS_EXECUTE, 1, ON_FILE},
    {LANDLOCK_ACCESS_FS_WRITE_FILE, 1, FOR_WRITE | ON_FILE},
    {LANDLOCK_ACCESS_FS_READ_FILE, 1, FOR_READ | FOR_WRITE | ON_FILE},
    {LANDLOCK_ACCESS_FS_READ_DIR, 1, FOR_READ | FOR_WRITE},
    {LANDLOCK_ACCESS_FS_REMOVE_DIR, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_REMOVE_FILE, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_MAKE_CHAR, 1, 0},
    {LANDLOCK_ACCESS_FS_MAKE_DIR, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_MAKE_REG, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_MAKE_SOCK, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_MAKE_FIFO, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_MAKE_BLOCK, 1, 0},
    {LANDLOCK_ACCESS_FS_MAKE_SYM, 1, FOR_WRITE},
    {LANDLOCK_ACCESS_FS_REFER, 2, FOR_WRITE},
    {1ULL << 14, 3, FOR_WRITE | ON_FILE}, /* LANDLOCK_ACCESS_FS_TRUNCATE */
    {1ULL << 15, 5, ON_FILE},             /* LANDLOCK_ACCESS_FS_IOCTL_DEV */
};

/* The rights this kernel knows that have all of the wanted marks; 0 asks for every one. */
static uint64_t rights_with(int abi, int wanted)
{
    uint64_t set = 0;

    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (rights[i].abi <= abi && (rights[i].where & wanted) == wanted)
            set |= rights[i].right;
    return set;
}

static int allow_path(int ruleset, const struct confine_path *row, int abi, struct err *err)
{
    CLEANUP(fd_done) int fd = open(row->path, O_PATH | O_CLOEXEC);
    int wanted = row->access == CONFINE_WRITE ? FOR_WRITE : FOR_READ;
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "%s: does not exist", row->path);
    if (fd < 0 || fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "%s", row->path);
    rule.allowed_access = rights_with(abi, S_ISDIR(st.st_mode) ? wanted : wanted | ON_FILE);
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return FAIL_ERRNO(err, "%s: cannot be allowed", row->path);
    return 0;
}

int confine_files(const struct confine_path *paths, int *ret_enforced, struct err *err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr attr = {0};
    CLEANUP(fd_done) int ruleset = -1;

    if (abi < 1) { /* ENOSYS: not built in; EOPNOTSUPP: switched off at boot */
        *ret_enforced = 0;
        return 0;
    }
    attr.handled_access_fs = rights_with((int)abi, 0);
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return FAIL_ERRNO(err, "cannot make a Landlock rule set");
    for (; paths->path != NULL; paths++)
        TRY(allow_path(ruleset, paths, (int)abi, err));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        return FAIL_ERRNO(err, "cannot enforce the Landlock rule set");
    *ret_enforced = 1;
    return 0;
}

int confine_no_network(struct err *err)
{
    /* The low half of an argument; seccomp_data holds 64 bits in the machine's byte order. */
    const uint32_t family = offsetof(struct seccomp_data, args[0]);
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINE_AUDIT_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* Numbers with bit 30 set are x32's, under the same architecture. */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40000000, 6, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, family),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 2, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof code / sizeof code[0], code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0)
        return FAIL_ERRNO(err, "cannot close the network");
    return 0;
}
