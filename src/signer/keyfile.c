/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/keyfile.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"
#include "signer/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW_PASSPHRASE_BYTES = 32 };

/* Open a regular file that belongs to root or owner, and that nobody else may read. */
static int open_private(const char *path, uid_t owner, int *ret_fd, struct err *err)
{
    CLEANUP(fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return FAIL(err, ERR_ABSENT, "%s: no such file", path);
    if (fd < 0 && errno == ELOOP)
        return FAIL(err, ERR_INPUT, "%s: is a symbolic link", path);
    if (fd < 0 || fstat(fd, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return FAIL(err, ERR_INPUT, "%s: not a regular file", path);
    if (st.st_uid != owner && st.st_uid != 0)
        return FAIL(err, ERR_INPUT, "%s: belongs to user %u", path, (unsigned)st.st_uid);
    if ((st.st_mode & 077) != 0)
        return FAIL(err, ERR_INPUT, "%s: others may read or write it (mode %04o); chmod 600", path,
                    (unsigned)st.st_mode & 07777);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int to_passphrase(const struct buf *file, struct secret *ret, struct err *err)
{
    struct bytes text = buf_bytes(file);

    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len < SIGNERD_PASSPHRASE_MIN || text.len > SIGNERD_PASSPHRASE_MAX)
        return FAIL(err, ERR_INPUT, "a passphrase has %d to %d bytes", SIGNERD_PASSPHRASE_MIN,
                    SIGNERD_PASSPHRASE_MAX);
    return secret_copy(text, ret, err);
}

/* systemd.exec(5), LoadCredential: systemd keeps the directory from everybody else. */
static int open_credential(const char *name, int *ret_fd, struct err *err)
{
    const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
    CLEANUP(free_text) char *path = NULL;
    int fd;

    if (dir == NULL)
        return FAIL(err, ERR_ABSENT, "credential %s: not started with credentials by systemd",
                    name);
    TRY(path_format(&path, err, "%s/%s", dir, name));
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret_fd = fd;
    return 0;
}

int passphrase_read(const struct signer_config *config, struct secret *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    if (config->quorum != NULL)
        return FAIL(err, ERR_DENIED,
                    "the keys are opened by their custodians' shares; this is done by jpkictl key "
                    "ceremony, or in jpki-signerd serve");
    if (config->passphrase_file != NULL)
        TRY(open_private(config->passphrase_file, geteuid(), &fd, err));
    else
        TRY(open_credential(config->passphrase_credential, &fd, err));
    TRY(err_prefix(err, file_read_fd(fd, SIGNERD_PASSPHRASE_MAX + 1, &file, err), "passphrase"));
    return to_passphrase(&file, ret, err);
}

int passphrase_create(const struct signer_config *config, struct err *err)
{
    CLEANUP(secret_done) struct secret random = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (config->passphrase_file == NULL)
        return FAIL(err, ERR_USAGE, "the configuration has no passphrase_file to be made");
    TRY(secret_new(NEW_PASSPHRASE_BYTES, &random, err));
    TRY(rand_fill(random.ptr, random.len, err));
    TRY(hex_append(&text, secret_bytes(&random), err));
    TRY(buf_append_byte(&text, '\n', err));
    return file_create(config->passphrase_file, 0600, buf_bytes(&text), err);
}

/* Whose keys there may be: our own; where root holds a ceremony, those of who owns the folder. */
static uid_t owner_in(const char *dir)
{
    struct stat st;

    return geteuid() == 0 && stat(dir, &st) == 0 ? st.st_uid : geteuid();
}

int keyfile_read(const char *dir, const char *name, const struct secret *passphrase,
                 struct privkey **ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(path_format(&path, err, "%s/%s.key", dir, name));
    TRY(open_private(path, owner_in(dir), &fd, err));
    TRY(err_prefix(err, file_read_fd(fd, SIGNERD_KEY_FILE_MAX, &der, err), "%s", path));
    return err_prefix(err, privkey_open(buf_bytes(&der), passphrase, ret, err), "%s", path);
}

static int generate(unsigned bits, struct privkey **ret, struct err *err)
{
    if (bits == KEYFILE_ED25519)
        return privkey_generate_ed25519(ret, err);
    return bits == KEYFILE_P256 ? privkey_generate_p256(ret, err)
                                : privkey_generate(bits, ret, err);
}

int keyfile_create(const char *dir, const char *name, unsigned bits,
                   const struct secret *passphrase, struct digest *ret_fingerprint, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *ledger = NULL;
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct digest fingerprint;

    TRY(path_format(&path, err, "%s/%s.key", dir, name));
    TRY(path_format(&ledger, err, "%s/%s.ledger", dir, name));
    if (access(path, F_OK) == 0)
        return FAIL(err, ERR_CONFLICT, "%s: exists already", path);
    TRY(generate(bits, &key, err));
    TRY(privkey_spki(key, &spki, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&spki), &fingerprint, err));
    TRY(privkey_seal(key, passphrase, &der, err));
    /* The ledger first: a key without one would be refused for ever, a ledger alone is not. */
    TRY(ledger_create(ledger, &fingerprint, err));
    TRY(file_create(path, 0600, buf_bytes(&der), err));
    *ret_fingerprint = fingerprint;
    return 0;
}
