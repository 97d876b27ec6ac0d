/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"
#include "base/json.h"
#include "base/utf8.h"

#include <stdio.h>

static int put_error(struct json *object, const struct err *why, struct err *err)
{
    CLEANUP(json_freep) struct json *error = json_object_new();
    CLEANUP(buf_done) struct buf mended = BUF_INIT;
    const char *text;

    TRY(utf8_append_mended(&mended, bytes_text(why->text), NULL, err));
    TRY(buf_text(&mended, &text, err));
    TRY(json_put_text(error, "kind", err_kind_name(why->kind), err));
    TRY(json_put_text(error, "text", text, err));
    return json_put(object, "error", json_steal(&error), err);
}

int cli_print_error(const struct err *err, int exit_code)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct err second = {0};

    TRY(put_error(object, err, &second));
    TRY(json_put_int(object, "exit_code", exit_code, &second));
    TRY(json_write(object, &line, &second));
    TRY(buf_append_byte(&line, '\n', &second));
    (void)fwrite(line.ptr, 1, line.len, stdout); /* a full disk is noticed by cli_main */
    return 0;
}
