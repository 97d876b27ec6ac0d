/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/key_file.h"

#include "programs/jpki/files.h"

int key_file_read(const char *path, size_t most, struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t len;

    TRY(input_read(path, most + 2, &text, err));
    len = text.len;
    while (len > 0 && (text.ptr[len - 1] == '\n' || text.ptr[len - 1] == '\r'))
        len--;
    if (len == 0)
        return FAIL(err, ERR_INPUT, "%s: the file is empty", path);
    return secret_copy(bytes_of(text.ptr, len), ret, err);
}
