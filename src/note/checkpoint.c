/* SPDX-License-Identifier: Apache-2.0 */
#include "note/checkpoint.h"

#include "base/base64.h"
#include "note/key.h"

#include <string.h>

enum { DIGITS_MAX = 18 }; /* of a number that fits an int64_t */

static const char cosignature_head[] = "cosignature/v1\ntime ";

int checkpoint_build(const struct checkpoint *checkpoint, struct buf *ret, struct err *err)
{
    TRY(note_name_check(bytes_text(checkpoint->origin), err));
    TRY(buf_append_format(ret, err, "%s\n%lld\n", checkpoint->origin, (long long)checkpoint->size));
    TRY(base64_append(ret, BASE64_PADDED, BYTES_ARRAY(checkpoint->root), err));
    return buf_append_byte(ret, '\n', err);
}

/* A line without its line feed, off *rest. */
static int take_line(struct bytes *rest, struct bytes *ret, struct err *err)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    size_t len = end == NULL ? 0 : (size_t)(end - rest->ptr);

    if (end == NULL)
        return FAIL(err, ERR_INPUT, "a line of the checkpoint is missing");
    *ret = bytes_part(*rest, 0, len);
    *rest = bytes_part(*rest, len + 1, rest->len);
    return 0;
}

/* One spelling: decimal digits without leading zeros. */
static int read_number(struct bytes digits, int64_t *ret, struct err *err)
{
    int64_t number = 0;

    if (digits.len == 0 || digits.len > DIGITS_MAX || (digits.len > 1 && digits.ptr[0] == '0'))
        return FAIL(err, ERR_INPUT, "a number of 1 to %d digits without leading zeros", DIGITS_MAX);
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return FAIL(err, ERR_INPUT, "a number that is none");
        number = number * 10 + (digits.ptr[i] - '0');
    }
    *ret = number;
    return 0;
}

static int read_root(struct bytes base64, uint8_t ret[CHECKPOINT_ROOT_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf root = BUF_INIT;

    TRY(base64_decode(BASE64_PADDED, base64, &root, err));
    if (root.len != CHECKPOINT_ROOT_SIZE)
        return FAIL(err, ERR_INPUT, "a root has %d bytes", CHECKPOINT_ROOT_SIZE);
    memcpy(ret, root.ptr, CHECKPOINT_ROOT_SIZE);
    return 0;
}

int checkpoint_parse(struct bytes text, struct checkpoint *ret, struct err *err)
{
    struct checkpoint checkpoint = {.size = 0};
    struct bytes origin;
    struct bytes size;
    struct bytes root;

    TRY(take_line(&text, &origin, err));
    TRY(take_line(&text, &size, err));
    TRY(take_line(&text, &root, err));
    if (text.len > 0)
        return FAIL(err, ERR_INPUT, "a checkpoint with more than three lines");
    TRY(note_name_check(origin, err));
    memcpy(checkpoint.origin, origin.ptr, origin.len);
    TRY(read_number(size, &checkpoint.size, err));
    TRY(read_root(root, checkpoint.root, err));
    *ret = checkpoint;
    return 0;
}

int cosignature_build(int64_t time, struct bytes checkpoint, struct buf *ret, struct err *err)
{
    TRY(buf_append_format(ret, err, "%s%lld\n", cosignature_head, (long long)time));
    return buf_append(ret, checkpoint, err);
}

int cosignature_parse(struct bytes message, int64_t *ret_time, struct checkpoint *ret,
                      struct err *err)
{
    const struct bytes head = BYTES_LITERAL(cosignature_head);
    struct bytes digits;
    int64_t time;

    if (!bytes_start_with(message, head))
        return FAIL(err, ERR_INPUT, "not what a witness signs");
    message = bytes_part(message, head.len, message.len);
    TRY(take_line(&message, &digits, err));
    TRY(read_number(digits, &time, err));
    TRY(checkpoint_parse(message, ret, err));
    *ret_time = time;
    return 0;
}
