/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/outside.h"

#include "programs/jpki/common.h"

#include <string.h>

static int append(struct buf *buf, struct bytes text, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;

    TRY(append_shown(&shown, text, err));
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == '<')
            TRY(buf_append_text(buf, "\xe2\x80\xb9", err)); /* U+2039 */
        else
            TRY(buf_append_byte(buf, shown.ptr[i], err));
    }
    return 0;
}

int outside_append(struct buf *buf, const char *text, struct err *err)
{
    return append(buf, bytes_text(text), err);
}

int outside_append_lines(struct buf *buf, const char *text, struct err *err)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        TRY(buf_append_text(buf, "> ", err));
        TRY(append(buf, bytes_of(text, len), err));
        TRY(buf_append_text(buf, "\n", err));
        text += text[len] == '\0' ? len : len + 1;
    }
    return 0;
}
