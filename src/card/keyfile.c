/* SPDX-License-Identifier: Apache-2.0 */
#include "card/keyfile.h"

#include "base/file.h"
#include "base/rand.h"
#include "crypto/seal.h"

#include <sys/stat.h>

/* A key that others can read protects nothing. */
static int check_private(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if ((st.st_mode & 077) != 0)
        return FAIL(err, ERR_DENIED, "%s: others may read or write it; chmod 600 it", path);
    return 0;
}

int keyfile_open(const char *path, struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(err_prefix(err, file_read(path, SEAL_KEY_SIZE, &file, err), "the key of the card"));
    TRY(check_private(path, err));
    if (file.len != SEAL_KEY_SIZE)
        return FAIL(err, ERR_INPUT, "%s: a card's key has %d bytes, not %zu", path, SEAL_KEY_SIZE,
                    file.len);
    return secret_copy(buf_bytes(&file), ret, err);
}

static int make(const char *path, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;

    TRY(secret_new(SEAL_KEY_SIZE, &key, err));
    TRY(rand_fill(key.ptr, key.len, err));
    TRY(file_create(path, 0600, secret_bytes(&key), err));
    *ret = key;
    key = (struct secret)SECRET_INIT;
    return 0;
}

int keyfile_open_or_make(const char *path, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    int rc = keyfile_open(path, &key, err);

    if (rc == -ERR_ABSENT) {
        rc = make(path, ret, err);
        if (rc != -ERR_CONFLICT)
            return rc;
        rc = keyfile_open(path, &key, err); /* somebody was faster */
    }
    TRY(rc);
    /* Whoever made it may have been killed before its name was on the disk. */
    TRY(file_sync_folder(path, err));
    *ret = key;
    key = (struct secret)SECRET_INIT;
    return 0;
}
