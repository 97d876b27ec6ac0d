/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/share.h"

#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/pbes2.h"

enum {
    VERSION = 1,
    REHEARSAL = 1,
    AT_SET = 1,
    AT_PIECE = AT_SET + SHARE_SET_SIZE + 3,
    AT_CHECK = AT_PIECE + SHARE_SECRET_SIZE,
    CHECK_SIZE = SHARE_SIZE - AT_CHECK,
    LINE_BYTES = SHARE_SIZE / SHARE_LINES,
    LINE_CHECK = 2,
};

void share_done(struct share *share)
{
    secret_done(&share->piece);
    *share = (struct share){.number = 0};
}

/* A wrong digit is to be noticed, not a wrong person: that does the quorum's own check. */
static int check_of(struct bytes data, uint8_t *ret, size_t len, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    memcpy(ret, digest.value, len);
    wipe(&digest, sizeof digest);
    return 0;
}

int share_write(const struct share *share, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;

    if (share->piece.len != SHARE_SECRET_SIZE)
        return FAIL(err, ERR_USAGE, "a share of %zu bytes", share->piece.len);
    TRY(secret_new(SHARE_SIZE, &whole, err));
    whole.ptr[0] = (uint8_t)(VERSION << 4 | (share->is_rehearsal ? REHEARSAL : 0));
    memcpy(whole.ptr + AT_SET, share->set, SHARE_SET_SIZE);
    whole.ptr[AT_PIECE - 3] = share->needed;
    whole.ptr[AT_PIECE - 2] = share->total;
    whole.ptr[AT_PIECE - 1] = share->number;
    memcpy(whole.ptr + AT_PIECE, share->piece.ptr, SHARE_SECRET_SIZE);
    TRY(check_of(bytes_of(whole.ptr, AT_CHECK), whole.ptr + AT_CHECK, CHECK_SIZE, err));
    *ret = whole;
    whole = (struct secret)SECRET_INIT;
    return 0;
}

static int check_counts(const struct share *share, struct err *err)
{
    if (share->needed < SHARES_NEEDED_MIN || share->total > SHARES_MAX ||
        share->needed > share->total || share->number < 1 || share->number > share->total)
        return FAIL(err, ERR_INPUT, "share %u of %u, of which %u are needed: there is no such",
                    share->number, share->total, share->needed);
    return 0;
}

int share_parse(struct bytes whole, struct share *ret, struct err *err)
{
    struct share share = {.number = 0};
    uint8_t check[CHECK_SIZE];

    if (whole.len != SHARE_SIZE)
        return FAIL(err, ERR_INPUT, "a share has %d bytes, this has %zu", SHARE_SIZE, whole.len);
    if ((whole.ptr[0] & ~REHEARSAL) != VERSION << 4)
        return FAIL(err, ERR_INPUT, "not a share, or one of a version that is not known here");
    TRY(check_of(bytes_of(whole.ptr, AT_CHECK), check, CHECK_SIZE, err));
    if (!bytes_equal_secret(BYTES_ARRAY(check), bytes_part(whole, AT_CHECK, CHECK_SIZE)))
        return FAIL(err, ERR_INPUT, "the share is damaged, or a digit of it is wrong");
    memcpy(share.set, whole.ptr + AT_SET, SHARE_SET_SIZE);
    share.is_rehearsal = (whole.ptr[0] & REHEARSAL) != 0;
    share.needed = whole.ptr[AT_PIECE - 3];
    share.total = whole.ptr[AT_PIECE - 2];
    share.number = whole.ptr[AT_PIECE - 1];
    TRY(check_counts(&share, err));
    TRY(secret_copy(bytes_part(whole, AT_PIECE, SHARE_SECRET_SIZE), &share.piece, err));
    *ret = share;
    return 0;
}

/* The check covers the number of the line, so that lines cannot change places. */
static int line_check(unsigned line, const uint8_t bytes[LINE_BYTES], uint8_t ret[LINE_CHECK],
                      struct err *err)
{
    uint8_t data[1 + LINE_BYTES];
    int rc;

    data[0] = (uint8_t)line;
    memcpy(data + 1, bytes, LINE_BYTES);
    rc = check_of(BYTES_ARRAY(data), ret, LINE_CHECK, err);
    wipe(data, sizeof data);
    return rc;
}

int share_line(struct bytes whole, unsigned line, char ret[SHARE_LINE_SIZE], struct err *err)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[LINE_BYTES + LINE_CHECK];
    size_t at = 0;

    if (whole.len != SHARE_SIZE || line >= SHARE_LINES)
        return FAIL(err, ERR_USAGE, "line %u of a share of %zu bytes", line, whole.len);
    memcpy(bytes, whole.ptr + line * LINE_BYTES, LINE_BYTES);
    TRY(line_check(line, bytes, bytes + LINE_BYTES, err));
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i > 0 && i % 2 == 0)
            ret[at++] = ' ';
        ret[at++] = digits[bytes[i] >> 4];
        ret[at++] = digits[bytes[i] & 15];
    }
    ret[at] = 0;
    wipe(bytes, sizeof bytes);
    return 0;
}

int share_line_parse(struct bytes text, unsigned line, uint8_t ret[LINE_BYTES], struct err *err)
{
    uint8_t bytes[LINE_BYTES + LINE_CHECK] = {0};
    uint8_t check[LINE_CHECK];
    size_t digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = hex_digit((char)text.ptr[i]);

        if (text.ptr[i] == ' ')
            continue;
        if (value < 0 || digits == 2 * sizeof bytes)
            return FAIL(err, ERR_INPUT, "a line of a share is 20 digits 0-9 and a-f");
        bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | value);
        digits++;
    }
    if (digits != 2 * sizeof bytes)
        return FAIL(err, ERR_INPUT, "a line of a share is 20 digits 0-9 and a-f");
    TRY(line_check(line, bytes, check, err));
    if (!bytes_equal_secret(BYTES_ARRAY(check), bytes_of(bytes + LINE_BYTES, LINE_CHECK)))
        return FAIL(err, ERR_INPUT, "a digit of line %u is wrong, or it is another line", line + 1);
    memcpy(ret, bytes, LINE_BYTES);
    wipe(bytes, sizeof bytes);
    return 0;
}

int share_close(struct bytes whole, const struct secret *passphrase, struct buf *ret,
                struct err *err)
{
    return pbes2_close(passphrase, whole, ret, err);
}

int share_open(struct bytes der, const struct secret *passphrase, struct secret *ret,
               struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    CLEANUP(share_done) struct share share = {.number = 0};
    int rc = pbes2_open(der, passphrase, &whole, err);

    if (rc == 0 && share_parse(secret_bytes(&whole), &share, err) < 0)
        rc = -ERR_DENIED;
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_DENIED,
                    "the passphrase does not open this share, or the file was damaged");
    TRY(rc);
    *ret = whole;
    whole = (struct secret)SECRET_INIT;
    return 0;
}
