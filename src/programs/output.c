/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/output.h"

#include "base/utf8.h"

#include <stdio.h>

int output_json(const struct json *value, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(value, &text, err));
    (void)fwrite(text.ptr, 1, text.len, stdout);
    (void)fputc('\n', stdout); /* a full disk is noticed by cli_main */
    return 0;
}

int output_put_name(struct json *object, const char *key, const char *name, struct err *err)
{
    CLEANUP(buf_done) struct buf mended = BUF_INIT;
    const char *text;

    TRY(utf8_append_mended(&mended, bytes_text(name), NULL, err)); /* JSON escapes controls */
    TRY(buf_text(&mended, &text, err));
    return json_put_text(object, key, text, err);
}
