/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/keyset.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"

#include <string.h>
#include <sys/stat.h>

enum { VERSION_DIGITS = 3, FIRST_VERSION = 48 };

void keyset_done(struct keyset *keyset)
{
    secret_done(&keyset->enc);
    secret_done(&keyset->mac);
    secret_done(&keyset->dek);
    keyset->version = 0;
}

static int fail(struct err *err)
{
    return FAIL(err, ERR_INPUT,
                "no keys: the lines of a key file are version, enc, mac and dek with their values");
}

/* The rest of the next line behind "NAME ". */
static int take_line(struct bytes *rest, const char *name, struct bytes *ret, struct err *err)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    struct bytes start = bytes_text(name);
    struct bytes line;

    if (end == NULL)
        return fail(err);
    line = bytes_part(*rest, 0, (size_t)(end - rest->ptr));
    if (!bytes_start_with(line, start) || line.len <= start.len || line.ptr[start.len] != ' ')
        return fail(err);
    *ret = bytes_part(line, start.len + 1, line.len);
    *rest = bytes_part(*rest, line.len + 1, rest->len);
    return 0;
}

static int take_version(struct bytes *rest, uint8_t *ret, struct err *err)
{
    struct bytes digits;
    unsigned version = 0;

    TRY(take_line(rest, "version", &digits, err));
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || digits.len > VERSION_DIGITS)
            return fail(err);
        version = version * 10 + digits.ptr[i] - '0';
    }
    if (version == 0 || version > KEYSET_VERSION_MAX)
        return FAIL(err, ERR_INPUT, "the version of keys is 1 to %d", KEYSET_VERSION_MAX);
    *ret = (uint8_t)version;
    return 0;
}

static int take_key(struct bytes *rest, const char *name, struct secret *ret, struct err *err)
{
    struct bytes digits;

    TRY(take_line(rest, name, &digits, err));
    if (digits.len != 32 && digits.len != 48 && digits.len != 64)
        return FAIL(err, ERR_INPUT, "a key has 32, 48 or 64 hexadecimal digits");
    TRY(secret_new(digits.len / 2, ret, err));
    for (size_t i = 0; i < ret->len; i++) {
        int high = hex_digit((char)digits.ptr[2 * i]);
        int low = hex_digit((char)digits.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return fail(err);
        ret->ptr[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

int keyset_parse(struct bytes text, struct keyset *ret, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    TRY(take_version(&text, &keyset.version, err));
    TRY(take_key(&text, "enc", &keyset.enc, err));
    TRY(take_key(&text, "mac", &keyset.mac, err));
    TRY(take_key(&text, "dek", &keyset.dek, err));
    if (text.len > 0)
        return fail(err);
    if (keyset.mac.len != keyset.enc.len || keyset.dek.len != keyset.enc.len)
        return FAIL(err, ERR_INPUT, "the three keys of a file have the same length");
    *ret = keyset;
    keyset = (struct keyset)KEYSET_INIT;
    return 0;
}

int keyset_read(const char *path, struct keyset *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT; /* wiped when it is released */
    struct stat st;

    if (stat(path, &st) < 0)
        return FAIL(err, ERR_USAGE, "there is no key file %s", path);
    if ((st.st_mode & 077) != 0)
        return FAIL(err, ERR_USAGE, "%s: others may read or write these keys; chmod 600 it", path);
    TRY(file_read(path, KEYSET_FILE_MAX, &text, err));
    return err_prefix(err, keyset_parse(buf_bytes(&text), ret, err), "%s", path);
}

static int make_key(size_t size, struct secret *ret, struct err *err)
{
    TRY(secret_new(size, ret, err));
    return rand_fill(ret->ptr, ret->len, err);
}

int keyset_make(size_t size, struct keyset *ret, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    keyset.version = FIRST_VERSION;
    TRY(make_key(size, &keyset.enc, err));
    TRY(make_key(size, &keyset.mac, err));
    TRY(make_key(size, &keyset.dek, err));
    *ret = keyset;
    keyset = (struct keyset)KEYSET_INIT;
    return 0;
}

static int put_key(struct buf *out, const char *name, const struct secret *key, struct err *err)
{
    TRY(buf_append_text(out, name, err));
    TRY(buf_append_byte(out, ' ', err));
    TRY(hex_append(out, secret_bytes(key), err));
    return buf_append_byte(out, '\n', err);
}

int keyset_write(const char *path, const struct keyset *keyset, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    TRY(buf_append_format(&text, err, "version %u\n", (unsigned)keyset->version));
    TRY(put_key(&text, "enc", &keyset->enc, err));
    TRY(put_key(&text, "mac", &keyset->mac, err));
    TRY(put_key(&text, "dek", &keyset->dek, err));
    rc = file_create(path, 0600, buf_bytes(&text), err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_USAGE, "%s exists already", path) : rc;
}
