/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "base/rand.h"
#include "sandbox/limits.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CARD_SERIAL_DIGITS = 13 };

/* The two CAs, named and limited as design 1 says. */
static const struct {
    const char *kind, *purpose, *policy, *usage;
} cas[] = {
    {"sign", "digital signature", "1.2.392.200149.8.5.1.0.20", NULL},
    {"auth", "user authentication", "1.2.392.200149.8.5.1.3.30", "1.3.6.1.5.5.7.3.2"},
};

/* A directory below the sandbox's for one program alone. */
static int make_owned(const char *path, enum identity identity, mode_t mode, struct err *err)
{
    uid_t id = identity_uid(identity);

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return FAIL_ERRNO(err, "%s", path);
    if (identities_are_separate() && lchown(path, id, id) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (chmod(path, mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
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

/* One of our programs to its end, as the user of a daemon; it adds to that daemon's log. */
static int run_tool(const struct roster *roster, const char *program, const char *const words[],
                    enum identity identity, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *log = NULL;
    const char *argv[SANDBOX_ARGV_MAX] = {NULL};
    size_t count = 0;

    TRY(path_format(&path, err, "%s/%s", roster->bin_dir, program));
    TRY(path_format(&log, err, "%s/log/%s.log", roster->layout->dir, program));
    argv[0] = path;
    for (; words[count] != NULL && count < SANDBOX_ARGV_MAX - 2; count++)
        argv[count + 1] = words[count];
    struct process process = {.argv = argv,
                              .directory = roster->layout->dir,
                              .log_path = log,
                              .output_fd = -1,
                              .identity = identity};
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
    const char *const words[] = {
        "keygen", "--config", conf, name, exists(passphrase) ? NULL : "--new-passphrase", NULL};
    return run_tool(roster, "jpki-signerd", words, IDENTITY_SIGNER, err);
}

int setup_signer(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *keys = NULL;
    CLEANUP(free_text) char *conf = NULL;

    TRY(path_format(&keys, err, "%s/signer/keys", roster->layout->dir));
    TRY(make_owned(keys, IDENTITY_SIGNER, 0700, err));
    TRY(signer_conf(roster, &text, err));
    TRY(write_conf(roster, "signerd.conf", &text, &conf, err));
    for (size_t i = 0; i < sizeof cas / sizeof cas[0]; i++)
        TRY(make_key(roster, conf, cas[i].kind, err));
    return 0;
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

    TRY(path_format(&dir, err, "%s/reader.conf.d", roster->pcscd_dir));
    TRY(dir_make(dir, 0755, err));
    TRY(path_format(&file, err, "%s/vpcd", dir));
    return file_replace(file, 0644, bytes_text(text), err);
}

/* At random: two cards with one serial cannot be told apart by the register. */
static int card_serial(char ret[CARD_SERIAL_DIGITS + 1], struct err *err)
{
    uint8_t random[CARD_SERIAL_DIGITS];

    TRY(rand_fill(random, sizeof random, err));
    for (size_t i = 0; i < sizeof random; i++)
        ret[i] = (char)('0' + random[i] % 10);
    ret[CARD_SERIAL_DIGITS] = '\0';
    return 0;
}

int setup_card(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *card = NULL;
    char serial[CARD_SERIAL_DIGITS + 1];

    TRY(path_format(&dir, err, "%s/card/%s", roster->layout->dir, roster->persona));
    TRY(make_owned(dir, IDENTITY_CARD, 0700, err));
    TRY(path_format(&card, err, "%s/card", dir));
    if (exists(card))
        return 0;
    TRY(card_serial(serial, err));
    const char *const words[] = {"make", "-o", card, "--serial", serial, NULL};
    return run_tool(roster, "jpki-softcard", words, IDENTITY_CARD, err);
}
