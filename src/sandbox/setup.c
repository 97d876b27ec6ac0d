/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/builds.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MAX = 16384 };

/* The two CAs, named and limited as design 1 says. */
static const struct {
    const char *kind, *purpose, *policy, *usage;
} cas[] = {
    {"sign", "digital signature", "1.2.392.200149.8.5.1.0.20", NULL},
    {"auth", "user authentication", "1.2.392.200149.8.5.1.3.30", "1.3.6.1.5.5.7.3.2"},
};

/*
 * A directory below the sandbox's for one program alone; *ret_fd is closed by fd_done. What lies
 * above may belong to that program, so nothing is changed through a link it may have put there.
 */
static int open_owned(const char *path, enum identity identity, mode_t mode, int *ret_fd,
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

static int make_owned(const char *path, enum identity identity, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    return open_owned(path, identity, 0700, &fd, err);
}

/* Below the sandbox's directory; readable by the group of its programs and written anew. */
static int write_conf(const struct roster *roster, const char *name, struct buf *text,
                      char **ret_path, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s/conf/%s", roster->layout->dir, name));
    TRY(file_replace(path, 0640, buf_bytes(text), err));
    *ret_path = path;
    path = NULL;
    return 0;
}

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* One of our programs, to be run to its end as the user of a daemon. */
struct tool {
    const char *program;
    const char *words[8];
    enum identity identity;
    int output_fd; /* 0: its output goes to its log, as its errors do */
};

static int run_tool(const struct roster *roster, const struct tool *tool, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *log = NULL;
    const char *argv[10] = {NULL};

    TRY(build_path(roster->bin_dir, tool->program, &path, err));
    TRY(path_format(&log, err, "%s/log/%s.log", roster->layout->dir, tool->program));
    argv[0] = path;
    for (size_t i = 0; i < 8 && tool->words[i] != NULL; i++)
        argv[i + 1] = tool->words[i];
    struct process process = {.argv = argv,
                              .directory = roster->layout->dir,
                              .log_path = log,
                              .output_fd = tool->output_fd,
                              .identity = tool->identity};
    return supervisor_run(roster->supervisor, &process, err);
}

static int signer_conf(const struct roster *roster, struct buf *text, struct err *err)
{
    const char *dir = roster->layout->dir;

    TRY(buf_append_format(text, err,
                          "[signer]\n"
                          "socket = %s/signer/signer-ca.sock\n"
                          "socket_mode = 0660\n"
                          "keys = %s/signer/keys\n"
                          "passphrase_file = %s/signer/passphrase\n",
                          dir, dir, dir));
    for (size_t i = 0; i < sizeof cas / sizeof cas[0]; i++) {
        TRY(buf_append_format(text, err,
                              "\n[key %s-ca]\n"
                              "role = ca\n"
                              "allow_uid = %u\n"
                              "subject = OU=OpenJPKI TEST Certification Authority,"
                              "OU=OpenJPKI TEST for %s,O=OpenJPKI TEST,C=JP\n"
                              "policies = %s\n",
                              cas[i].kind, (unsigned)identity_uid(IDENTITY_AUTHORITY),
                              cas[i].purpose, cas[i].policy));
        if (cas[i].usage != NULL)
            TRY(buf_append_format(text, err, "purposes = %s\n", cas[i].usage));
    }
    return 0;
}

/* The passphrase is made with the first key. */
static int make_key(const struct roster *roster, const char *conf, const char *kind,
                    struct err *err)
{
    CLEANUP(free_text) char *passphrase = NULL;
    CLEANUP(free_text) char *name = NULL;
    CLEANUP(free_text) char *file = NULL;
    const char *dir = roster->layout->dir;

    TRY(path_format(&name, err, "%s-ca", kind));
    TRY(path_format(&file, err, "%s/signer/keys/%s.key", dir, name));
    if (exists(file))
        return 0;
    TRY(path_format(&passphrase, err, "%s/signer/passphrase", dir));
    struct tool keygen = {
        .program = "jpki-signerd",
        .words = {"keygen", "--config", conf, name, exists(passphrase) ? NULL : "--new-passphrase"},
        .identity = IDENTITY_SIGNER,
    };
    return run_tool(roster, &keygen, err);
}

int setup_signer(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *keys = NULL;
    CLEANUP(free_text) char *conf = NULL;

    TRY(path_format(&keys, err, "%s/signer/keys", roster->layout->dir));
    TRY(make_owned(keys, IDENTITY_SIGNER, err));
    TRY(signer_conf(roster, &text, err));
    TRY(write_conf(roster, "signerd.conf", &text, &conf, err));
    for (size_t i = 0; i < sizeof cas / sizeof cas[0]; i++)
        TRY(make_key(roster, conf, cas[i].kind, err));
    return 0;
}

/* init-ca makes the certificate once and prints it each time it is asked. */
static int export_ca(const struct roster *roster, const char *conf, const char *kind,
                     struct err *err)
{
    CLEANUP(free_text) char *anchor = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(fd_done) int fd = memfd_create("anchor", MFD_CLOEXEC);
    struct tool init = {
        .program = "jpki-authorityd",
        .words = {"init-ca", "--config", conf, kind},
        .identity = IDENTITY_AUTHORITY,
        .output_fd = fd,
    };

    TRY(path_format(&anchor, err, "%s/anchors/%s.pem", roster->layout->dir, kind));
    if (exists(anchor))
        return 0;
    if (fd < 0)
        return FAIL_ERRNO(err, "memfd_create");
    TRY(run_tool(roster, &init, err));
    if (lseek(fd, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "lseek");
    TRY(file_read_fd(fd, PEM_MAX, &pem, err));
    return file_replace(anchor, 0644, buf_bytes(&pem), err);
}

int setup_authority(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;
    const char *dir = roster->layout->dir;

    TRY(buf_append_format(&text, err,
                          "[authority]\n"
                          "socket = %s/authority/authority.sock\n"
                          "socket_mode = 0660\n"
                          "peers = %u %u\n"
                          "database = %s/authority/authority.db\n"
                          "signer = %s/signer/signer-ca.sock\n",
                          dir, (unsigned)identity_uid(IDENTITY_OWNER),
                          (unsigned)identity_uid(IDENTITY_REGISTER), dir, dir));
    TRY(write_conf(roster, "authorityd.conf", &text, &conf, err));
    for (size_t i = 0; i < sizeof cas / sizeof cas[0]; i++)
        TRY(export_ca(roster, conf, cas[i].kind, err));
    return 0;
}

int setup_register(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;
    const char *dir = roster->layout->dir;

    TRY(buf_append_format(&text, err,
                          "[register]\n"
                          "socket = %s/register/counter.sock\n"
                          "peers = %u\n"
                          "database = %s/register/register.db\n"
                          "authority = %s/authority/authority.sock\n",
                          dir, (unsigned)identity_uid(IDENTITY_OWNER), dir, dir));
    return write_conf(roster, "registerd.conf", &text, &conf, err);
}

/*
 * The reader as Debian's package configures it (0x8C7B is the port, 35963), in a directory that
 * no other reader is in. pcscd sees it as /run/pcscd/reader.conf.d.
 */
int setup_reader(struct roster *roster, struct err *err)
{
    static const char text[] = "FRIENDLYNAME \"OpenJPKI TEST\"\n"
                               "DEVICENAME /dev/null:0x8C7B\n"
                               "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n"
                               "CHANNELID 0x8C7B\n";
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *file = NULL;
    CLEANUP(free_text) char *pid = NULL;
    CLEANUP(fd_done) int fd = -1;

    /* Of a killed pcscd: the next one refuses to start if that number is taken meanwhile. */
    TRY(path_format(&pid, err, "%s/pcscd.pid", roster->pcscd_dir));
    if (unlink(pid) < 0 && errno != ENOENT)
        return FAIL_ERRNO(err, "%s", pid);
    TRY(path_format(&dir, err, "%s/reader.conf.d", roster->pcscd_dir));
    TRY(open_owned(dir, IDENTITY_OWNER, 0755, &fd, err));
    TRY(path_format(&file, err, "/proc/self/fd/%d/vpcd", fd));
    return file_replace(file, 0644, bytes_text(text), err);
}

int setup_card(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *card = NULL;

    TRY(path_format(&dir, err, "%s/card/%s", roster->layout->dir, roster->persona));
    TRY(make_owned(dir, IDENTITY_CARD, err));
    TRY(path_format(&card, err, "%s/card", dir));
    if (exists(card))
        return 0;
    struct tool make = {
        .program = "jpki-softcard", .words = {"make", "--output", card}, .identity = IDENTITY_CARD};
    return run_tool(roster, &make, err);
}
