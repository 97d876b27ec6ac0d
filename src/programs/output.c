/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/output.h"

#include <stdio.h>

int output_json(const struct json *value, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(value, &text, err));
    (void)fwrite(text.ptr, 1, text.len, stdout);
    (void)fputc('\n', stdout); /* a full disk is noticed by cli_main */
    return 0;
}
